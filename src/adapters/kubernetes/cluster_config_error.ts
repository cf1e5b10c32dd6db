// SPDX-License-Identifier: Apache-2.0

/** What is wrong with the configuration of a cluster. */
export type ClusterConfigErrorCode =
  | "no-configuration"
  | "unreadable-file"
  | "malformed"
  | "no-such-context"
  | "no-such-cluster"
  | "unsupported"
  | "credentials-failed";

/** A cluster that cannot be connected to as it is configured. Its message holds no credential. */
export class ClusterConfigError extends Error {
  /** Always `ClusterConfigError`. */
  override readonly name = "ClusterConfigError";
  /**
   * Makes the error of a configuration.
   *
   * @param code What sort of fault
   * @param message What could not be used, and why
   */
  constructor(readonly code: ClusterConfigErrorCode, message: string) {
    super(message);
  }
}

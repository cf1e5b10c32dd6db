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
  override readonly name = "ClusterConfigError";
  constructor(readonly code: ClusterConfigErrorCode, message: string) {
    super(message);
  }
}

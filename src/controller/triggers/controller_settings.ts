// SPDX-License-Identifier: Apache-2.0

/** Settings of the controller. */
export interface ControllerSettings {
  /** Triggers reconciled at once. */
  readonly workers: number;
  /** Seconds after which a trigger that is as it should be is looked at again (TR-18). */
  readonly resyncSeconds: number;
  /** Seconds that one request to the cluster may take (RF-70). */
  readonly requestTimeoutSeconds: number;
  /** Seconds that one run of a Workflow may take (WF-37). */
  readonly runDeadlineSeconds: number;
  /** Seconds that running reconciles may go on once the end was asked for. */
  readonly graceSeconds: number;
  /** Most objects of one managed kind that are kept whole in memory. */
  readonly maxObjectsPerKind: number;
  /**
   * Runs that a change of definitions makes due: so many begin at once, the others follow one after
   * the other, so many in a second.
   */
  readonly definitionWakes: { readonly burst: number; readonly perSecond: number };
}

/** The settings that hold unless others are given. */
export const DEFAULT_SETTINGS: ControllerSettings = {
  workers: 20,
  resyncSeconds: 1_200,
  requestTimeoutSeconds: 10,
  runDeadlineSeconds: 60,
  graceSeconds: 20,
  maxObjectsPerKind: 50_000,
  definitionWakes: { burst: 100, perSecond: 100 },
};

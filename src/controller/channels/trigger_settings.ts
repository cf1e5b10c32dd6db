// SPDX-License-Identifier: Apache-2.0

import { annotationOrLabel } from "../../runtime/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";

/** Whether no run is to be made (TR-4). */
export function isSuspended(trigger: KubernetesObject): boolean {
  return annotationOrLabel(trigger, "koreo.dev/reconcile") === "suspended";
}

/** Annotation or label of a trigger, and label of its Namespace, with the name of its channel. */
export const CHANNEL = "koreo.dev/channel";

/** Name of the channel that a trigger asks for (TR-6). */
export function requestedChannel(trigger: KubernetesObject): string | undefined {
  return annotationOrLabel(trigger, CHANNEL);
}

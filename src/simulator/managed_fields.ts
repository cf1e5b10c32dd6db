// SPDX-License-Identifier: Apache-2.0

import type { KubernetesObject } from "../runtime/ports.ts";
import { sameJson } from "./json_values.ts";
import type { ServedResource } from "./served_resource.ts";
import type { ServerState, WriteOptions } from "./server_state.ts";

export function trackUpdate(
  _state: ServerState,
  _resource: ServedResource,
  change: WriteOptions & {
    readonly live: KubernetesObject | undefined;
    readonly next: KubernetesObject;
  },
): KubernetesObject {
  return change.next;
}

export function sameButTimes(one: KubernetesObject, other: KubernetesObject): boolean {
  return sameJson(one, other);
}

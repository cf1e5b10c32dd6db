// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../language/mod.ts";
import type { KubernetesObject } from "../runtime/ports.ts";
import type { ObjectTarget, ServerState, WriteOptions } from "./server_state.ts";
import { notImplemented } from "./status_error.ts";

export function applyObject(
  _state: ServerState,
  _target: ObjectTarget,
  _applied: { readonly body: JsonValue; readonly force: boolean },
  _options: WriteOptions,
): KubernetesObject {
  throw notImplemented("server-side apply");
}

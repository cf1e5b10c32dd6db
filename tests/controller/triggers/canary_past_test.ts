// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import {
  type ChannelState,
  createChannelState,
} from "../../../src/controller/channels/channels.ts";
import type { Canary } from "../../../src/controller/release/canary.ts";
import type { CanaryBaseline } from "../../../src/controller/release/release.ts";
import { createCanaryPast } from "../../../src/controller/triggers/canary_past.ts";
import { compileProgram } from "../../../src/language/mod.ts";
import type { KubernetesObject } from "../../../src/runtime/ports.ts";

const NOTHING: CanaryBaseline = { failed: [], unready: [] };
const PROGRAM = compileProgram([], { defaultNamespace: "default" });

function stateAt(revision: string): ChannelState {
  return createChannelState("stable", [
    { namespace: "default", name: "web.v1", inForce: { program: PROGRAM, revision } },
  ]);
}

function canary(id: number, revision: string, baseline?: CanaryBaseline): Canary {
  return {
    channel: "stable",
    settings: {
      share: { type: "percent", percent: 10 },
      soakMs: 1,
      deadlineMs: 1,
      requireReady: true,
    },
    id,
    revision,
    state: stateAt(revision),
    inForce: stateAt("good"),
    workflows: new Set(["web.v1"]),
    startedAt: 1_000_000,
    ...(baseline === undefined ? {} : { baseline }),
  };
}

/** A trigger that is not Ready with this revision. */
function unreadyAt(revision: string): KubernetesObject {
  return {
    apiVersion: "example.dev/v1",
    kind: "Site",
    metadata: {
      name: "one",
      creationTimestamp: "1970-01-01T00:00:00Z",
      annotations: { "koreo.dev/revision": revision },
    },
    status: { conditions: [{ type: "Ready", status: "False", reason: "Wait" }] },
  };
}

/** A past to which what is tried and in force can be told. */
function createWorld() {
  let canaries: readonly Canary[] = [];
  let inForce: ChannelState | undefined = stateAt("good");
  const past = createCanaryPast({
    releases: { canaries: () => canaries },
    registry: { channel: () => inForce },
    memories: { peek: () => undefined },
  });
  return {
    note(tried: readonly Canary[], revision: string | undefined): void {
      canaries = tried;
      inForce = revision === undefined ? undefined : stateAt(revision);
      past.note();
    },
    unready: (next: Canary, trigger: KubernetesObject) =>
      past.baseline(next, [["one", trigger]]).unready,
  };
}

Deno.test("a trigger that was made unready by what was tried before was Ready", () => {
  const world = createWorld();
  world.note([canary(1, "bad", NOTHING)], "good");
  world.note([], "good");
  deepEqual(world.unready(canary(2, "next"), unreadyAt("bad")), []);
  deepEqual(world.unready(canary(2, "next"), unreadyAt("good")), ["one"]);
});

Deno.test("what was tried is no trial any more once everyone runs from it, whatever was tried since", () => {
  const world = createWorld();
  world.note([canary(1, "bad", NOTHING)], "good");
  world.note([canary(2, "worse", NOTHING)], "good");
  // It is allowed again.
  world.note([], "bad");
  deepEqual(world.unready(canary(3, "next"), unreadyAt("bad")), ["one"]);
  deepEqual(world.unready(canary(3, "next"), unreadyAt("worse")), []);
});

Deno.test("of a channel that is gone nothing is remembered", () => {
  const world = createWorld();
  world.note([canary(1, "bad", NOTHING)], "good");
  world.note([], undefined);
  world.note([], "good");
  deepEqual(world.unready(canary(2, "next"), unreadyAt("bad")), ["one"]);
});

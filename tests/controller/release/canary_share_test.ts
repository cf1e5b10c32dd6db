// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { isInShare } from "../../../src/controller/release/canary_share.ts";
import type { KubernetesObject } from "../../../src/runtime/ports.ts";

function trigger(name: string, metadata: Record<string, string> = {}): KubernetesObject {
  return {
    apiVersion: "example.dev/v1",
    kind: "Site",
    metadata: { name, namespace: "team-a", ...metadata },
  };
}

function percent(share: number, one: KubernetesObject, channel = "stable"): boolean {
  return isInShare({ type: "percent", percent: share }, { channel, trigger: one });
}

const names = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);

Deno.test("a trigger that is in the share at some percentage is in it at any higher one", () => {
  fc.assert(fc.property(names, fc.nat(100), fc.nat(100), (name, one, other) => {
    const [low, high] = one < other ? [one, other] : [other, one];
    ok(!percent(low, trigger(name)) || percent(high, trigger(name)));
  }));
});

Deno.test("no trigger is in a share of nothing, and every one in a share of everything", () => {
  fc.assert(fc.property(names, (name) => {
    ok(!percent(0, trigger(name)));
    ok(percent(100, trigger(name)));
  }));
});

Deno.test("a share goes by names alone: what else there is of a trigger does not matter", () => {
  fc.assert(fc.property(names, fc.uuid(), fc.nat(100), (name, uid, share) => {
    const next = { ...trigger(name, { uid }), apiVersion: "example.dev/v2", spec: { text: uid } };
    equal(percent(share, trigger(name)), percent(share, next));
  }));
});

for (const share of [1, 10, 50]) {
  Deno.test(`about ${share} of a hundred triggers are in a share of ${share} %`, () => {
    const all = 20_000;
    const inside = Array.from({ length: all }, (_, index) => trigger(`site-${index}`))
      .filter((one) => percent(share, one)).length;
    const expected = all * share / 100;
    // Four standard deviations of a fair draw.
    const room = 4 * Math.sqrt(expected * (1 - share / 100));
    ok(Math.abs(inside - expected) < room, `${inside} of ${all}`);
  });
}

Deno.test("channels draw their shares apart", () => {
  const all = Array.from({ length: 1_000 }, (_, index) => trigger(`site-${index}`));
  const both = all.filter((one) => percent(50, one) && percent(50, one, "beta")).length;
  ok(both > 200 && both < 300, `${both}`);
});

Deno.test("a selector takes the triggers that match all of it", () => {
  const share = {
    type: "selector",
    triggers: { namespaces: ["team-a"], matchLabels: { ring: "early" } },
  } as const;
  const early: KubernetesObject = {
    ...trigger("one"),
    metadata: { name: "one", namespace: "team-a", labels: { ring: "early" } },
  };
  ok(isInShare(share, { channel: "stable", trigger: early }));
  ok(!isInShare(share, { channel: "stable", trigger: trigger("two") }));
});

Deno.test("the share of a percentage is the same in every version of the program", () => {
  const all = Array.from({ length: 40 }, (_, index) => `site-${index}`);
  const inside = all.filter((name) => percent(10, trigger(name)));
  deepEqual(inside, ["site-4", "site-6", "site-15"]);
});

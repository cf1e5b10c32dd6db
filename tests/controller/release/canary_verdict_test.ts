// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import {
  canaryProgress,
  type CanaryVerdict,
  type FormerState,
  judgeCanary,
  type TryingTrigger,
} from "../../../src/controller/release/canary_verdict.ts";
import type { Outcome } from "../../../src/language/mod.ts";
import type { CanarySettings } from "../../../src/controller/channels/channel_settings.ts";

const SETTINGS: CanarySettings = {
  share: { type: "percent", percent: 10 },
  soakMs: 600_000,
  deadlineMs: 1_200_000,
  requireReady: true,
};
const READY: Outcome = { type: "Ok", value: null };
const WAITS: Outcome = { type: "Retry", delaySeconds: 5 };
const FAILS: Outcome = { type: "PermFail", message: "no quota" };

const START = 1_000;
const SOAKED = START + 600_000;
const DEADLINE = START + 1_200_000;

function trigger(name: string, before: FormerState, outcome?: Outcome): TryingTrigger {
  return {
    key: `example.dev/v1 Site team-a/${name}`,
    before,
    outcome,
  };
}

const NOT_RUN = 'Site "team-a/one" has not run from it';
const NOT_READY = 'Site "team-a/one" was Ready and is not';
const FAILURE = 'Site "team-a/one" fails, and did not before: no quota';

const CASES: readonly {
  readonly name: string;
  readonly now: number;
  readonly triggers: readonly TryingTrigger[];
  readonly settings?: Partial<CanarySettings>;
  readonly unseenKind?: string;
  /** The start unless given. */
  readonly watchedSince?: number;
  readonly verdict: CanaryVerdict;
}[] = [
  {
    name: "goes back at once when a trigger fails that did not before",
    now: START + 1,
    triggers: [trigger("two", "ready", READY), trigger("one", "ready", FAILS)],
    verdict: { type: "goBack", reason: FAILURE },
  },
  {
    name: "tells why on one line, whatever the trigger says of itself",
    now: START + 1,
    triggers: [trigger("one", "ready", {
      ...FAILS,
      message: `no\n\nmain@sha1:${"0".repeat(40)}: \u001b[2Jquota\n`,
    })],
    verdict: {
      type: "goBack",
      reason: FAILURE.replace("no quota", `no main@sha1:${"0".repeat(40)}: [2Jquota`),
    },
  },
  {
    name: "goes back when a trigger fails that came while it soaks",
    now: START + 1,
    triggers: [trigger("one", "new", FAILS)],
    verdict: { type: "goBack", reason: FAILURE },
  },
  {
    name: "goes back when a trigger fails that was only not Ready",
    now: START + 1,
    triggers: [trigger("one", "unready", FAILS)],
    verdict: { type: "goBack", reason: FAILURE },
  },
  {
    name: "soaks although everything is well",
    now: SOAKED - 1,
    triggers: [trigger("one", "ready", READY)],
    verdict: { type: "wait", until: SOAKED },
  },
  {
    name: "goes on after the soak when everything is well",
    now: SOAKED,
    triggers: [trigger("one", "ready", READY)],
    verdict: { type: "promote", reason: "a trigger has run from it without a new failure" },
  },
  {
    name: "does not mind a trigger that had failed before",
    now: SOAKED,
    triggers: [trigger("one", "failed", FAILS), trigger("two", "ready", READY)],
    verdict: { type: "promote", reason: "2 triggers have run from it without a new failure" },
  },
  {
    name: "does not wait for a trigger that was not Ready before, or is new",
    now: SOAKED,
    triggers: [trigger("one", "unready", WAITS), trigger("two", "new", WAITS)],
    verdict: { type: "promote", reason: "2 triggers have run from it without a new failure" },
  },
  {
    name: "waits after the soak for a trigger that was Ready",
    now: SOAKED,
    triggers: [trigger("one", "ready", WAITS)],
    verdict: { type: "wait", until: DEADLINE, reason: NOT_READY },
  },
  {
    name: "waits after the soak for a trigger that has not run",
    now: SOAKED,
    triggers: [trigger("one", "failed")],
    verdict: { type: "wait", until: DEADLINE, reason: NOT_RUN },
  },
  {
    name: "goes back at the deadline when a trigger is not Ready that was",
    now: DEADLINE,
    triggers: [trigger("one", "ready", WAITS)],
    verdict: { type: "goBack", reason: NOT_READY },
  },
  {
    name: "goes back at the deadline when a trigger has not run",
    now: DEADLINE,
    triggers: [trigger("one", "new")],
    verdict: { type: "goBack", reason: NOT_RUN },
  },
  {
    name: "gives the triggers time to run again after a restart that took beyond the deadline",
    now: DEADLINE + 1,
    watchedSince: DEADLINE,
    triggers: [trigger("one", "ready")],
    verdict: { type: "wait", until: DEADLINE + 1_200_000, reason: NOT_RUN },
  },
  {
    name: "minds no readiness where that is not required",
    now: SOAKED,
    triggers: [trigger("one", "ready", WAITS)],
    settings: { requireReady: false },
    verdict: { type: "promote", reason: "a trigger has run from it without a new failure" },
  },
  {
    name: "goes on after the soak when nobody is in the share",
    now: SOAKED,
    triggers: [],
    verdict: {
      type: "promote",
      reason: "no trigger of the canary has a Workflow that changed",
    },
  },
  {
    name: "does not take triggers that cannot be listed for none",
    now: SOAKED,
    triggers: [],
    unseenKind: "Site",
    verdict: { type: "wait", until: DEADLINE, reason: 'triggers of kind "Site" cannot be listed' },
  },
  {
    name: "goes back at the deadline when triggers could never be listed",
    now: DEADLINE,
    triggers: [trigger("one", "ready", READY)],
    unseenKind: "Site",
    verdict: { type: "goBack", reason: 'triggers of kind "Site" cannot be listed' },
  },
  {
    name: "soaks although nobody is in the share",
    now: SOAKED - 1,
    triggers: [],
    verdict: { type: "wait", until: SOAKED },
  },
];

for (const { name, settings, verdict, ...facts } of CASES) {
  Deno.test(`a canary ${name}`, () => {
    deepEqual(
      judgeCanary({ ...SETTINGS, ...settings }, {
        startedAt: START,
        watchedSince: START,
        ...facts,
      }),
      verdict,
    );
  });
}

Deno.test("a canary is told of in numbers", () => {
  deepEqual(
    canaryProgress([
      trigger("one", "ready", READY),
      trigger("two", "ready", FAILS),
      trigger("three", "ready", WAITS),
      trigger("four", "ready"),
    ]),
    { triggers: 4, ran: 3, ready: 1, failed: 1 },
  );
});

const triggers = fc.array(
  fc.record({
    before: fc.constantFrom<FormerState>("ready", "failed", "unready", "new"),
    outcome: fc.constantFrom(undefined, READY, WAITS, FAILS),
  }).map(({ before, outcome }) => trigger("one", before, outcome)),
  { maxLength: 6 },
);

Deno.test("a canary never waits beyond its deadline, and never goes on with a new failure", () => {
  fc.assert(fc.property(triggers, fc.nat(3_000_000), (all, passed) => {
    const now = START + passed;
    const verdict = judgeCanary(SETTINGS, {
      startedAt: START,
      now,
      watchedSince: START,
      triggers: all,
    });
    if (now >= DEADLINE) equal(verdict.type === "wait", false);
    if (verdict.type === "wait") equal(verdict.until > now, true);
    const fails = all.some(({ before, outcome }) => outcome === FAILS && before !== "failed");
    if (fails) equal(verdict.type, "goBack");
    if (now < SOAKED) equal(verdict.type === "promote", false);
  }));
});

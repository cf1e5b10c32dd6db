// SPDX-License-Identifier: Apache-2.0

import { deepEqual, match } from "node:assert/strict";
import { findRefusals } from "../../../src/controller/gate/gate_refusals.ts";
import { refusedBehaviours } from "../../../src/controller/gate/refusal.ts";

const COMMIT = "5".repeat(40);

/** The two ways on that a refusal tells of. */
function waysOn(branch: string): string {
  const revision = `${branch}@sha1:${COMMIT}`;
  const workflows = [{ name: "web.v1", digest: "b" }];
  const refused = [{ revision, reason: "It fails", at: 0, workflows }];
  const refusals = findRefusals({ takenBack: { channel: "stable", refused } });
  return refusals.ofWorkflow("web.v1", "a", "b")?.reason.split("; ").at(-1) ?? "";
}

const COMMANDS: readonly { readonly branch: string; readonly word: string }[] = [
  { branch: "main", word: `main@sha1:${COMMIT}` },
  { branch: "beta/1.x_y+z", word: `beta/1.x_y+z@sha1:${COMMIT}` },
  { branch: "preview/$(id>x)", word: `'preview/$(id>x)@sha1:${COMMIT}'` },
  { branch: "preview/a;b&c|d", word: `'preview/a;b&c|d@sha1:${COMMIT}'` },
  { branch: "preview/it's`id`", word: `'preview/it'\\''s\`id\`@sha1:${COMMIT}'` },
  { branch: "größer", word: `'größer@sha1:${COMMIT}'` },
];

for (const { branch, word } of COMMANDS) {
  Deno.test(`the command that allows again is safe to paste with branch ${branch}`, () => {
    deepEqual(
      waysOn(branch),
      `change it, or allow it with "koreo promote stable --revision ${word}"`,
    );
  });
}

Deno.test("a refusal of a Workflow that is gone says what brings it back", () => {
  const workflows = [{ name: "web.v1", digest: null }];
  const refused = [{ revision: `main@sha1:${COMMIT}`, reason: "It fails", at: 0, workflows }];
  const refusals = findRefusals({ takenBack: { channel: "stable", refused } });
  const fault = refusals.ofWorkflow("web.v1", "a", null);
  match(
    fault?.reason ?? "",
    /^Workflow "web\.v1" would be gone as in .*; bring it back, or allow it/,
  );
});

Deno.test("of several refusals of one behaviour the newest is told", () => {
  const workflows = [{ name: "web.v1", digest: "b" }];
  const [older, newer] = ["1", "2"].map((digit, at) => ({
    revision: `main@sha1:${digit.repeat(40)}`,
    reason: "It fails",
    at,
    workflows,
  }));
  if (older === undefined || newer === undefined) throw new TypeError("There are two");
  const refused = [older, newer];
  deepEqual(refusedBehaviours(refused).of({ name: "web.v1", digest: "b" }), newer);
  deepEqual(refusedBehaviours(refused).of({ name: "web.v1", digest: "c" }), undefined);
  deepEqual(refusedBehaviours(refused).of({ name: "web.v1", digest: null }), undefined);
});

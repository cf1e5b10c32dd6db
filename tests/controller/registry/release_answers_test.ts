// SPDX-License-Identifier: Apache-2.0

import { equal, match } from "node:assert/strict";
import type { Generation } from "../../../src/controller/publication/publication.ts";
import { takenBack, whyNotRolledBack } from "../../../src/controller/registry/release_answers.ts";

function revisionOf(branch: string, digit: string): string {
  return `${branch}@sha1:${digit.repeat(40)}`;
}

function generation(revision: string, digest: string): Generation {
  const inForce = { program: "p", revision, digest, unreadable: [] };
  return {
    revision,
    author: "Ada",
    subject: "A change",
    workflows: [{ namespace: "default", name: "web.v1", inForce }],
  };
}

Deno.test("the answer to a rollback of thousands of Workflows fits where it is left", () => {
  const revision = revisionOf("main", "a");
  const workflows = Array.from(
    { length: 20_000 },
    (_, i) => ({ name: `web-${i}.v1`, digest: "b" }),
  );
  const refused = [{ revision, reason: "It fails", at: 1, workflows }];
  const { message } = takenBack(revision, { current: generation(revision, "a"), refused });
  match(message, /^"main@sha1:a{40}" is taken back for Workflow "web-0\.v1", .* and 19990 more$/);
  equal(message.length < 300, true);
});

Deno.test("the command in an answer is safe to paste, whatever a branch is called", () => {
  const [bad, good] = ["b", "a"].map((digit) => revisionOf("preview/$(id>x)", digit));
  if (bad === undefined || good === undefined) throw new TypeError("There are two");
  const workflows = [{ name: "web.v1", digest: "a" }];
  const release = {
    current: generation(bad, "b"),
    previous: generation(good, "a"),
    refused: [{ revision: good, reason: "It fails", at: 1, workflows }],
  };
  const { type, message } = whyNotRolledBack("preview-x", release, undefined);
  equal(type, "refused");
  equal(message.endsWith(`allow it with "koreo promote preview-x --revision '${good}'"`), true);
});

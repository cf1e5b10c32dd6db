// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { createRegistryLog } from "../../../src/controller/feed/registry_log.ts";
import type { Diagnostic } from "../../../src/language/mod.ts";

function fault(file: string, message: string, severity: Diagnostic["severity"] = "error") {
  return { severity, code: "yaml-syntax", message, file, line: 3, column: 1 } as const;
}

/** A log, and what it said since it was asked last. */
function listening() {
  let said: string[] = [];
  const channels = new Set<unknown>();
  const log = createRegistryLog({
    log({ level, message, fields }) {
      said.push(`${level} ${message}`);
      channels.add(fields?.["channel"]);
    },
  });
  const take = () => {
    const taken = said;
    said = [];
    return taken;
  };
  return { log, take, channels };
}

const ids = ["1", "2", "3"].map((digit) => digit.repeat(40));

Deno.test("the faults of a revision are told once, wherever they show, and again once they were gone", () => {
  const { log, take } = listening();
  const load = (revision: string, ...diagnostics: readonly Diagnostic[]) =>
    log.loaded({ revision, skipped: [], diagnostics });
  const [first, second] = [fault("a.k.yaml", "Cannot parse"), fault("b.k.yaml", "Cannot read")];
  load(`main@sha1:${ids[0]}`, fault("a.k.yaml", "Hm", "warning"), first, second);
  deepEqual(take(), [
    `warn Finds faults in "main@sha1:${ids[0]}": a.k.yaml:3: Cannot parse ` +
    "(and 1 more; koreo validate shows them)",
  ]);
  load(`beta@sha1:${ids[0]}+main@sha1:${ids[0]}`, first, second);
  load(`main@sha1:${ids[1]}`, first, second);
  deepEqual(take(), []);
  load(`main@sha1:${ids[1]}`, second);
  deepEqual(take(), [`warn Finds faults in "main@sha1:${ids[1]}": b.k.yaml:3: Cannot read`]);
  load(`beta@sha1:${ids[0]}+main@sha1:${ids[1]}`);
  load(`main@sha1:${ids[1]}`, fault("a.k.yaml", "Hm", "information"));
  deepEqual(take(), []);
  load(`main@sha1:${ids[2]}`, first, second);
  deepEqual(take().length, 1);
});

Deno.test("of thousands of Workflows that one Function holds back few are named", () => {
  const { log, take, channels } = listening();
  const revision = `main@sha1:${ids[0]}`;
  const heldBack = { revision, author: "Ada", subject: "A change", reason: "It fails" };
  const workflows = Array.from({ length: 2_000 }, (_, index) => (
    { namespace: "default", name: `w${index}`, heldBack }
  ));
  log.inForce({
    channel: { name: "beta" },
    generation: { revision, author: "Ada", subject: "A change", workflows },
    step: undefined,
    isTried: false,
    isRecorded: false,
    changed: [],
  });
  const [, first, ...others] = take();
  deepEqual([first, others.length, others.at(-1)], [
    'warn Holds Workflow "w0" back: It fails',
    50,
    "warn Holds 1950 more Workflows back: koreo channels shows them",
  ]);
  deepEqual([...channels], ["beta"]);
});

// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";

const ROUNDS = 12;
const WATCHES = 240;

Deno.test(`${WATCHES} watches that are aborted all end, ${ROUNDS} times, and leave no socket`, async () => {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--quiet",
      "--v8-flags=--expose-gc",
      fileURLToPath(new URL("./abort_rounds.ts", import.meta.url)),
      String(ROUNDS),
      String(WATCHES),
    ],
    stderr: "inherit",
  }).output();
  const { unsettled, openFiles } = JSON.parse(new TextDecoder().decode(stdout));
  equal(unsettled, 0);
  const [, second = 0] = openFiles;
  const last = openFiles.at(-1);
  equal(last <= second + 8, true, `open files grow: ${openFiles}`);
});

// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { fileURLToPath } from "node:url";

const ROUNDS = 12;
const REQUESTS = 240;
const NAMES = {
  watch: "watches",
  get: "requests that stop in the middle of their answer",
} as const;

for (const mode of ["watch", "get"] as const) {
  Deno.test(`${REQUESTS} ${NAMES[mode]} all end when aborted, ${ROUNDS} times, and leave no socket`, async () => {
    const { stdout } = await new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "-A",
        "--quiet",
        "--v8-flags=--expose-gc",
        fileURLToPath(new URL("./abort_rounds.ts", import.meta.url)),
        mode,
        String(ROUNDS),
        String(REQUESTS),
      ],
      stderr: "inherit",
    }).output();
    const { unsettled, openFiles } = JSON.parse(new TextDecoder().decode(stdout));
    equal(unsettled, 0);
    const [, second = 0] = openFiles;
    equal(openFiles.at(-1) <= second + 8, true, `open files grow: ${openFiles}`);
  });
}

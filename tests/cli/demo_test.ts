// SPDX-License-Identifier: Apache-2.0

import { equal, rejects } from "node:assert/strict";
import { commitFiles } from "../../src/adapters/git/mod.ts";
import { koreoUntil } from "./run_koreo.ts";

Deno.test("koreo demo --keep shows what becomes of the commits that its reader makes", async () => {
  let repository = "";
  const replace = async (names: readonly string[], before: string, after: string) => {
    const files: Record<string, string> = {};
    for (const name of names) {
      const text = await Deno.readTextFile(`${repository}/koreo/${name}`);
      files[`koreo/${name}`] = text.replace(before, after);
    }
    await commitFiles(repository, { message: "An edit", files });
  };
  const { code } = await koreoUntil(["demo", "--keep"], [
    {
      pattern: /edit (\S+)\/koreo and commit/,
      then: ([, directory = ""]) => {
        repository = directory;
        return replace(["sizes.k.yaml", "functions.test.k.yaml"], "256Mi", "320Mi");
      },
    },
    {
      pattern: /in force: main@sha1:[0-9a-f]{8} for web-app\.v1\n[^]*patched Deployment/,
      then: () => replace(["sizes.k.yaml"], "320Mi", "512Mi"),
    },
    { pattern: /held back: main@sha1:[0-9a-f]{8}\n +koreo\/functions\.test\.k\.yaml:\d+\n/ },
  ], "stdout");
  equal(code, 0);
  await rejects(Deno.stat(repository), Deno.errors.NotFound);
});

// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import { ROOT } from "./run_koreo.ts";

/** The one JSON document of a command's output, after the schema in `docs/schemas/` accepted it. */
export async function documentOf(
  command:
    | "channels"
    | "config"
    | "diff"
    | "eval"
    | "release"
    | "render"
    | "resolve"
    | "test"
    | "validate",
  stdout: string,
  // deno-lint-ignore no-explicit-any -- the schema has just said what it is
): Promise<any> {
  const schema = JSON.parse(await Deno.readTextFile(`${ROOT}docs/schemas/${command}.json`));
  const document = JSON.parse(stdout);
  const accepts = new Ajv2020({ allErrors: true, strict: true }).compile(schema);
  accepts(document);
  deepEqual(accepts.errors ?? [], []);
  return document;
}

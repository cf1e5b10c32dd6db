// SPDX-License-Identifier: Apache-2.0

import type { Program } from "../../language/mod.ts";

/** A Program without definitions: for what needs none, such as the end of a trigger (CL-21). */
export const NO_PROGRAM: Program = {
  digest: "",
  namespaces: ["default"],
  diagnostics: [],
  definitions: [],
  find: () => ({ type: "missing" }),
  winner: () => undefined,
  startingAt: () => NO_PROGRAM,
  reach: () => new Set(),
  reachDigest: () => "",
};

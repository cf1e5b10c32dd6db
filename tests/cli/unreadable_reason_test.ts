// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { unreadableReason } from "../../src/cli/unreadable_reason.ts";

const REASONS = [
  [new Deno.errors.NotFound(), "there is no such file"],
  [new Deno.errors.IsADirectory(), "it is a directory"],
  [new Deno.errors.PermissionDenied(), "reading it is not permitted"],
  [
    new Deno.errors.NotCapable(),
    "Deno was not given the permission to read it (--allow-read)",
  ],
  [new TypeError("torn"), "TypeError: torn"],
] as const;

for (const [error, expected] of REASONS) {
  Deno.test(`a file is unreadable by ${error.name}: ${expected}`, () => {
    equal(unreadableReason(error), expected);
  });
}

// SPDX-License-Identifier: Apache-2.0

import { ok } from "node:assert/strict";
import {
  compileProgram,
  type Program,
  readDocuments,
  renderDiagnostic,
} from "../../src/language/mod.ts";
import { definition, ready } from "../language/definitions.ts";
import { endsSoon } from "../thread_use.ts";

const SOUND = definition("ValueFunction", "sound.v1", "return: {x: =inputs.x}");

/** Compiles beside a sound neighbour, which must come out sound, in bounded time. */
export function survives(
  file: { readonly bytes: Uint8Array } | { readonly text: string },
): Program {
  return endsSoon(() => compiled(file));
}

function compiled(file: { readonly bytes: Uint8Array } | { readonly text: string }): Program {
  const documents = [
    ...readDocuments({ path: "hostile.yaml", ...file }),
    ...readDocuments({ path: "sound.yaml", text: SOUND }),
  ];
  const program = compileProgram(documents);
  for (const diagnostic of program.diagnostics) {
    ok(diagnostic.line >= 1 && diagnostic.column >= 1);
    renderDiagnostic(diagnostic);
  }
  ready(program, "ValueFunction", "sound.v1");
  return program;
}

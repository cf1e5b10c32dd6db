// SPDX-License-Identifier: Apache-2.0

import { type Diagnostic, renderDiagnostic } from "../language/mod.ts";
import type { CommandIo } from "./command_io.ts";

/** What makes a definition unusable, or a command fail. */
export const FAULTS: readonly string[] = ["error", "unresolved"];

/** Writes diagnostics with their code frames to standard error. */
export function writeDiagnostics(diagnostics: readonly Diagnostic[], io: CommandIo): void {
  for (const diagnostic of diagnostics) {
    io.stderr(`${renderDiagnostic(diagnostic, { color: io.colour })}\n\n`);
  }
}

/** Writes only those that make a definition unusable. */
export function writeFaults(diagnostics: readonly Diagnostic[], io: CommandIo): void {
  writeDiagnostics(diagnostics.filter(({ severity }) => FAULTS.includes(severity)), io);
}

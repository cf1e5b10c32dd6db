// SPDX-License-Identifier: Apache-2.0

import type { OptionValues } from "commander";
import { FileLimitError, readDefinitionFiles } from "../adapters/files.ts";
import {
  type CompileOptions,
  compileProgram,
  type Diagnostic,
  DIAGNOSTIC_CODES,
  type DiagnosticCode,
  documentFromJson,
  type Program,
  readDocuments,
  type SourceDocument,
  type SourceFile,
} from "../language/mod.ts";
import type { Abortable } from "../runtime/ports.ts";
import { UsageError } from "./command_io.ts";
import { namespaceRules } from "./namespace_rules.ts";

/** Definitions from where a command was told to read them. */
export interface ReadProgram {
  readonly program: Program;
  /** Those of the Program, and those of files that could not be read. */
  readonly diagnostics: readonly Diagnostic[];
  /** Files that were read. */
  readonly files: number;
}

/** What reading the same paths again gives. */
export interface ReadAgain extends ReadProgram {
  /** Files that are new, gone or different since the last time: all of them the first time. */
  readonly changed: readonly string[];
}

/** Reads the definitions at some paths; what did not change is neither parsed nor compiled again. */
export interface ProgramReader {
  /** @throws {UsageError} If there is more than is read at once */
  read(options: Abortable): Promise<ReadAgain>;
}

/** A file with what was made of it. */
interface ReadFile {
  readonly bytes: Uint8Array;
  readonly documents: readonly SourceDocument[];
}

/** Makes a reader of files and directories. */
export function createProgramReader(
  paths: readonly string[],
  options: OptionValues,
  compile: Pick<CompileOptions, "observer"> = {},
): ProgramReader {
  const { namespace, priority } = namespaceRules(options);
  const rules = {
    ...compile,
    defaultNamespace: namespace,
    ...(priority === undefined ? {} : { namespaces: priority }),
  };
  let known: ReadonlyMap<string, ReadFile> = new Map();
  let previous: Program | undefined;
  return {
    async read({ signal }) {
      const found = await readDefinitionFiles(paths, { signal }).catch(asUsageError);
      const files = new Map(found.files.map((file) => [file.path, readFile(file, known)]));
      const documents = [...files.values()].flatMap((file) => file.documents);
      const program = compileProgram(documents, { ...rules, ...previous ? { previous } : {} });
      const faults = [
        ...found.unreadable.map(unreadableFile),
        ...found.skipped.map(skippedFile),
      ];
      const names = new Set([...known.keys(), ...files.keys()]);
      const changed = [...names].filter((name) => known.get(name) !== files.get(name));
      [known, previous] = [files, program];
      const diagnostics = [...faults, ...program.diagnostics];
      return { program, diagnostics, files: files.size, changed };
    },
  };
}

function readFile(file: SourceFile, known: ReadonlyMap<string, ReadFile>): ReadFile {
  const bytes = "bytes" in file ? file.bytes : new TextEncoder().encode(file.text);
  const before = known.get(file.path);
  if (before && isSame(before.bytes, bytes)) return before;
  return { bytes, documents: readDocuments(file) };
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}

/** More than is read at once: fewer paths can be given. */
function asUsageError(error: unknown): never {
  if (error instanceof FileLimitError) throw new UsageError(error.message);
  throw error;
}

/** An entry of a directory with why it is left out. */
interface LeftOut {
  readonly path: string;
  readonly reason: string;
}

function unreadableFile({ path, reason }: LeftOut): Diagnostic {
  return fileDiagnostic(path, "unreadable-file", `Cannot read the file: ${reason}`);
}

/** What is said of an entry that is left out on purpose. */
export function skippedFile({ path, reason }: LeftOut): Diagnostic {
  return fileDiagnostic(path, "skipped-file", `The file is not read: ${reason}`);
}

function fileDiagnostic(file: string, code: DiagnosticCode, message: string): Diagnostic {
  const { diagnostics: _none, place } = documentFromJson(null, { file });
  return { ...place, severity: DIAGNOSTIC_CODES[code].severity, code, message };
}

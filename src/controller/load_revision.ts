// SPDX-License-Identifier: Apache-2.0

import {
  compileProgram,
  type Diagnostic,
  isDefinitionFile,
  type Program,
  readDocuments,
  type SourceDocument,
} from "../language/mod.ts";
import {
  type Abortable,
  type CommitId,
  type CommitSummary,
  type Repository,
  RepositoryError,
  type SkippedEntry,
  type TreeFile,
} from "../runtime/ports.ts";
import { unidentifiedFaults, type UnreadableContent } from "./gate_faults.ts";

/** What of a repository is loaded, and how. */
export interface RevisionSettings {
  /** Where definitions are read. */
  readonly repository: Repository;
  /** Directory that holds the definitions; `""` for the root. */
  readonly directory: string;
  /** Namespace of documents that name none (SD-6). */
  readonly namespace: string;
  /** The namespace priority list; without it SD-17 holds. */
  readonly priority?: readonly string[];
  /** Bytes of all definition files of a revision. Default 64 MiB. */
  readonly maxBytes?: number;
}

/** A commit, compiled. */
export interface LoadedRevision {
  /** The commit it was read from. */
  readonly commit: CommitId;
  /** Who made the commit, and why. */
  readonly summary: CommitSummary;
  /** Its definitions, compiled. */
  readonly program: Program;
  /** Those of the Program and those of reading the files; places are relative to the root. */
  readonly diagnostics: readonly Diagnostic[];
  /** Contents of which nobody can tell what they define. */
  readonly unreadable: readonly UnreadableContent[];
  /** Entries of the tree that were left out. */
  readonly skipped: readonly SkippedEntry[];
}

/** Loads commits one after the other; what did not change is neither read nor compiled again. */
export interface RevisionLoader {
  /** Rejects with a {@linkcode RepositoryError}; what was loaded before is not touched. */
  load(commit: CommitId, options: Abortable): Promise<LoadedRevision>;
}

/** A definition file of a revision, read into documents. */
interface ReadFile {
  readonly path: string;
  readonly id: string;
  readonly bytes: number;
  readonly documents: readonly SourceDocument[];
  /** Why it could not be read. */
  readonly fault?: Diagnostic;
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;

/** Makes a loader for one directory of a repository. */
export function createRevisionLoader(settings: RevisionSettings): RevisionLoader {
  let known: ReadonlyMap<string, ReadFile> = new Map();
  let previous: Program | undefined;
  return {
    async load(commit, options) {
      const { repository, directory } = settings;
      const summary = await repository.commit(commit, options);
      const found = await repository.files(commit, directory, options);
      const files = await readAll(settings, { found: found.files, known }, options);
      const program = compileProgram(files.flatMap(({ documents }) => documents), {
        defaultNamespace: settings.namespace,
        ...(settings.priority === undefined ? {} : { namespaces: settings.priority }),
        ...(previous === undefined ? {} : { previous }),
      });
      known = new Map(files.map((file) => [file.id, file]));
      previous = program;
      return revisionOf({ commit, summary, program, files, skipped: found.skipped });
    },
  };
}

async function readAll(
  settings: RevisionSettings,
  from: { readonly found: readonly TreeFile[]; readonly known: ReadonlyMap<string, ReadFile> },
  options: Abortable,
): Promise<readonly ReadFile[]> {
  const maxBytes = settings.maxBytes ?? DEFAULT_MAX_BYTES;
  const files: ReadFile[] = [];
  let bytes = 0;
  for (const { path: inner, blob } of from.found) {
    if (!isDefinitionFile(inner)) continue;
    const path = settings.directory === "" ? inner : `${settings.directory}/${inner}`;
    const id = `${path} ${blob}`;
    const file = from.known.get(id) ??
      await readFile(settings.repository, { path, id, blob }, options);
    bytes += file.bytes;
    if (bytes > maxBytes) {
      const what = `the definition files of "${settings.directory || "/"}"`;
      const limit = `more than ${maxBytes} bytes (maxBytes)`;
      throw new RepositoryError("limit-exceeded", `Cannot read ${what}: they have ${limit}`);
    }
    files.push(file);
  }
  return files;
}

async function readFile(
  repository: Repository,
  { path, id, blob }: { readonly path: string; readonly id: string; readonly blob: string },
  options: Abortable,
): Promise<ReadFile> {
  try {
    const bytes = await repository.read(blob, options);
    return { path, id, bytes: bytes.length, documents: readDocuments({ path, bytes }) };
  } catch (error) {
    if (!(error instanceof RepositoryError) || error.code !== "limit-exceeded") throw error;
    // Too large a file stops itself and not the commit.
    return { path, id, bytes: 0, documents: [], fault: tooLarge(path, error) };
  }
}

function tooLarge(file: string, error: RepositoryError): Diagnostic {
  return {
    severity: "error",
    code: "document-too-large",
    message: error.message,
    file,
    line: 1,
    column: 1,
    help: "split it into several files",
  };
}

function revisionOf(
  loaded: Pick<LoadedRevision, "commit" | "summary" | "program" | "skipped"> & {
    readonly files: readonly ReadFile[];
  },
): LoadedRevision {
  const { program, files, ...known } = loaded;
  const faults = files.flatMap(({ fault }) => fault ? [fault] : []);
  const idOf = new Map(files.map(({ path, id }) => [path, id]));
  const unreadable = [...faults, ...unidentifiedFaults(program)].map((diagnostic) => ({
    id: idOf.get(diagnostic.file) ?? diagnostic.file,
    diagnostic,
  }));
  return {
    ...known,
    program,
    diagnostics: [...program.diagnostics, ...faults],
    unreadable,
  };
}

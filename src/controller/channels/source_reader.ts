// SPDX-License-Identifier: Apache-2.0

import {
  definitionKey,
  type Diagnostic,
  documentContent,
  documentIdentity,
  isDefinitionFile,
  readInSlices,
  type SourceDocument,
} from "../../language/mod.ts";
import {
  type Abortable,
  type CommitId,
  type CommitSummary,
  type Repository,
  RepositoryError,
  type SkippedEntry,
  type TreeFile,
} from "../../runtime/ports.ts";
import { doInSlices, type SlicePace } from "../queue/run_slices.ts";
import { createBlobReader, isTooLarge } from "./blob_reader.ts";
import { type DroppableTree, droppableTree } from "./droppable_tree.ts";
import { remember } from "./remember.ts";

/** What of a repository is read, and how. */
export interface SourceReaderSettings {
  /** Where definitions are read. */
  readonly repository: Repository;
  /** Directory that holds the definitions; `""` for the root. */
  readonly directory: string;
  /** Namespace of documents that name none (SD-6). */
  readonly namespace: string;
  /** Bytes of all definition files of a commit. Default 64 MiB. */
  readonly maxBytes?: number;
  /** Lets others have their turn while a large file is read; without it they have none. */
  readonly pace?: SlicePace;
}

/** A document of a file, and what it defines. */
export interface ReadDocument {
  readonly document: SourceDocument;
  /** `Kind/namespace/name`; absent when that cannot be said. */
  readonly key?: string;
  /** Equal exactly when two documents of one key say the same. */
  readonly content: string;
  /** The file it stands in, by path and blob. */
  readonly fileId: string;
}

/** A definition file, read into documents. */
export interface ReadFile {
  /** Relative to the root of the repository. */
  readonly path: string;
  /** Path and blob. */
  readonly id: string;
  readonly bytes: number;
  readonly documents: readonly ReadDocument[];
  /** Why it could not be read. */
  readonly fault?: Diagnostic;
}

/** The definition files of a commit, by path. */
export interface BranchContent {
  readonly commit: CommitId;
  /** Who made the commit, and why. */
  readonly summary: CommitSummary;
  readonly files: readonly ReadFile[];
  /** Entries of the tree that were left out. */
  readonly skipped: readonly SkippedEntry[];
  /** Why there are no files, where the commit is without the directory. */
  readonly missing?: RepositoryError;
}

/** What a commit defines, without the documents themselves. */
export interface CommitContents {
  /** Contents by key; of a repeated definition the first. */
  readonly definitions: ReadonlyMap<string, string>;
  /** Ids of its definition files. */
  readonly files: ReadonlySet<string>;
}

/** Reads commits of one source; what was read is kept as long as something uses it. */
export interface SourceReader {
  /** Rejects with a {@linkcode RepositoryError}; what a directory that is missing means is for others. */
  read(commit: CommitId, options: Abortable): Promise<BranchContent>;
  /** A commit without the directory defines nothing; one beyond the limits rejects as in `read`. */
  contents(commit: CommitId, options: Abortable): Promise<CommitContents>;
  /** Who made a commit, and why. */
  summary(commit: CommitId, options: Abortable): Promise<CommitSummary>;
  /** Forgets all but these contents and their files. */
  keepOnly(used: Iterable<BranchContent>): void;
}

/** What is remembered of a file of an earlier commit. */
interface FileOutline {
  readonly bytes: number;
  /** Keys and contents, in order. */
  readonly contents: readonly (readonly [key: string, content: string])[];
}

const DEFAULT_MAX_BYTES = 64 * 1024 * 1024;
/** Files of earlier commits of which it is remembered what they defined. */
const MAX_OUTLINES = 50_000;
/** Commits of which it is remembered what they define: many channels lie over the same one. */
const MAX_CONTENTS = 4;

/** Makes a reader for one directory of a repository. */
export function createSourceReader(settings: SourceReaderSettings): SourceReader {
  const { repository, directory, namespace } = settings;
  let known = new Map<string, ReadFile>();
  let branches = new Map<CommitId, BranchContent>();
  let trees: DroppableTree[] = [];
  const outlines = new Map<string, FileOutline>();
  const commits = new Map<CommitId, CommitContents>();
  const readBlob = createBlobReader(repository);

  async function fileOf(file: FoundFile, options: Abortable): Promise<ReadFile> {
    const found = known.get(file.id);
    if (found !== undefined) return found;
    const read = await readFile(file, options);
    trees.push(...read.trees);
    known.set(file.id, read.file);
    return read.file;
  }

  async function outlineOf(file: FoundFile, options: Abortable): Promise<FileOutline> {
    const remembered = outlines.get(file.id);
    if (remembered !== undefined) return remembered;
    // Trees are not kept: a past of many commits would take the memory of all of them.
    const { documents, bytes } = known.get(file.id) ?? (await readFile(file, options)).file;
    const contents = documents.flatMap(({ key, content }) =>
      key === undefined ? [] : [[key, content] as const]
    );
    const outline = { bytes, contents };
    remember(outlines, MAX_OUTLINES, [file.id, outline]);
    return outline;
  }

  async function contentsOf(commit: CommitId, options: Abortable): Promise<CommitContents> {
    const { files: found } = await filesIfThere(settings, commit, options);
    const definitions = new Map<string, string>();
    const files = definitionFiles(directory, found);
    let sum = 0;
    for (const file of files) {
      const { bytes, contents } = await outlineOf(file, options);
      sum += bytes;
      checkBytes(sum, settings);
      for (const [key, content] of contents) {
        if (!definitions.has(key)) definitions.set(key, content);
      }
    }
    return { definitions, files: new Set(files.map(({ id }) => id)) };
  }

  return {
    summary: (commit, options) => repository.commit(commit, options),
    async read(commit, options) {
      const remembered = branches.get(commit);
      if (remembered !== undefined) return remembered;
      const summary = await repository.commit(commit, options);
      const { files: found, ...rest } = await filesIfThere(settings, commit, options);
      const files: ReadFile[] = [];
      let bytes = 0;
      for (const file of definitionFiles(directory, found)) {
        const read = await fileOf(file, options);
        bytes += read.bytes;
        checkBytes(bytes, settings);
        files.push(read);
      }
      return { commit, summary, files, ...rest };
    },
    async contents(commit, options) {
      const found = commits.get(commit) ?? await contentsOf(commit, options);
      remember(commits, MAX_CONTENTS, [commit, found]);
      return found;
    },
    keepOnly(used) {
      branches = new Map([...used].map((content) => [content.commit, content]));
      // What is used has been compiled.
      for (const tree of trees) tree.drop();
      trees = [];
      known = new Map();
      for (const { files } of branches.values()) for (const file of files) known.set(file.id, file);
    },
  };

  async function readFile(
    { path, id, blob }: FoundFile,
    options: Abortable,
  ): Promise<{ readonly file: ReadFile; readonly trees: readonly DroppableTree[] }> {
    try {
      const bytes = await readBlob(blob, options);
      const read = await doInSlices(readInSlices({ path, bytes }), settings.pace, options);
      const trees = read.map(droppableTree);
      const documents = trees.map(({ document }): ReadDocument => {
        const identity = documentIdentity(document, namespace);
        const key = identity === undefined ? {} : { key: definitionKey(identity) };
        return { document, content: documentContent(document), fileId: id, ...key };
      });
      return { file: { path, id, bytes: bytes.length, documents }, trees };
    } catch (error) {
      if (!isTooLarge(error)) throw error;
      // Too large a file stops itself and not the commit.
      return {
        file: { path, id, bytes: 0, documents: [], fault: tooLarge(path, error) },
        trees: [],
      };
    }
  }
}

/** What a branch defines. */
export interface BranchDefinitions {
  /** By key; of a repeated one the first. */
  readonly definitions: ReadonlyMap<string, ReadDocument>;
  /** Documents of which nobody can say what they define, and repeated definitions. */
  readonly others: readonly ReadDocument[];
}

/** Looks through the files of a branch. */
export function branchDefinitions({ files }: Pick<BranchContent, "files">): BranchDefinitions {
  const definitions = new Map<string, ReadDocument>();
  const others: ReadDocument[] = [];
  for (const { documents } of files) {
    for (const document of documents) {
      const { key } = document;
      if (key === undefined || definitions.has(key)) others.push(document);
      else definitions.set(key, document);
    }
  }
  return { definitions, others };
}

interface FoundFile {
  readonly path: string;
  readonly id: string;
  readonly blob: string;
}

/** The definition files among those found, by path: the order in which the first of a name counts. */
function definitionFiles(directory: string, found: readonly TreeFile[]): readonly FoundFile[] {
  return found.filter(({ path }) => isDefinitionFile(path)).map(({ path: inner, blob }) => {
    const path = directory === "" ? inner : `${directory}/${inner}`;
    return { path, id: `${path} ${blob}`, blob };
  }).sort((a, b) => a.path < b.path ? -1 : 1);
}

async function filesIfThere(
  { repository, directory }: SourceReaderSettings,
  commit: CommitId,
  options: Abortable,
): Promise<Pick<BranchContent, "skipped" | "missing"> & { readonly files: readonly TreeFile[] }> {
  try {
    return await repository.files(commit, directory, options);
  } catch (error) {
    if (!(error instanceof RepositoryError) || error.code !== "no-such-directory") throw error;
    return { files: [], skipped: [], missing: error };
  }
}

function checkBytes(bytes: number, settings: SourceReaderSettings): void {
  const maxBytes = settings.maxBytes ?? DEFAULT_MAX_BYTES;
  if (bytes <= maxBytes) return;
  const what = `the definition files of "${settings.directory || "/"}"`;
  const limit = `more than ${maxBytes} bytes (maxBytes)`;
  throw new RepositoryError("limit-exceeded", `Cannot read ${what}: they have ${limit}`);
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

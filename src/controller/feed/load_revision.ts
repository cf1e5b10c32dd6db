// SPDX-License-Identifier: Apache-2.0

import {
  type BrokenDefinition,
  compileInSlices,
  compileProgram,
  type Definition,
  type Diagnostic,
  diagnosticsInSlices,
  type EvaluationObserver,
  type Program,
  type Slices,
  type SourceDocument,
} from "../../language/mod.ts";
import type {
  Abortable,
  CommitId,
  CommitSummary,
  Repository,
  SkippedEntry,
} from "../../runtime/ports.ts";
import {
  type ChannelContent,
  type ChannelContents,
  createChannelContents,
  type Layer,
  revisionName,
} from "../channels/channel_content.ts";
import { unidentifiedFaults, type UnreadableContent } from "../gate/gate_faults.ts";
import { upperLayers } from "../publication/program_layers.ts";
import {
  type ProgramSettings,
  rememberText,
  textOfProgram,
} from "../publication/published_program.ts";
import { doInSlices, type SlicePace } from "../queue/run_slices.ts";
import { createSourceReader, type SourceReaderSettings } from "../channels/source_reader.ts";

/** What of a repository is loaded, and how. */
export interface RevisionSettings extends SourceReaderSettings {
  /** Where definitions are read. */
  readonly repository: Repository;
  /** The namespace priority list; without it SD-17 holds. */
  readonly priority?: readonly string[];
  /** Sees what the expressions come to. */
  readonly observer?: EvaluationObserver;
}

/** A channel at some heads of its branches, compiled. */
export interface LoadedRevision {
  /** The head of its own branch. */
  readonly commit: CommitId;
  /** Who made that commit, and why. */
  readonly summary: CommitSummary;
  /** Its branches, upper first. */
  readonly layers: readonly LoadedLayer[];
  /** `beta@sha1:<40 hex>+main@sha1:<40 hex>`. */
  readonly revision: string;
  /** Its definitions, compiled. */
  readonly program: Program;
  /** Those of the Program and those of reading the files; places are relative to the root. */
  readonly diagnostics: readonly Diagnostic[];
  /** Contents of which nobody can tell what they define. */
  readonly unreadable: readonly UnreadableContent[];
  /** FunctionTests that are not run, since another one has their name and says something else. */
  readonly repeatedTests: readonly (Definition | BrokenDefinition)[];
  /** Entries of the trees that were left out. */
  readonly skipped: readonly SkippedEntry[];
}

/** A branch of a channel, and the commit of it that was loaded. */
export interface LoadedLayer extends Layer {
  /** Who made the commit, and why. */
  readonly summary: CommitSummary;
}

/** The newest of the commits that a revision is made of: most likely what changed last. */
export function newestCommit(
  { layers, summary }: Pick<LoadedRevision, "layers" | "summary">,
): CommitSummary {
  return layers.map((layer) => layer.summary)
    .reduce((newest, one) => one.committedAt > newest.committedAt ? one : newest, summary);
}

/** Loads commits one after the other; what did not change is neither read nor compiled again. */
export interface RevisionLoader {
  /** Rejects with a `RepositoryError`; what was loaded before is not touched. */
  load(commit: CommitId, options: Abortable): Promise<LoadedRevision>;
}

/** Makes a loader for one directory of a repository. */
export function createRevisionLoader(settings: RevisionSettings): RevisionLoader {
  const contents = createChannelContents(createSourceReader(settings), settings.repository);
  const loader = createChannelLoader({ ...settings, contents });
  return {
    async load(commit, options) {
      const loaded = await loader.load([{ branch: "", commit }], options);
      contents.keepOnly([loaded.content]);
      return loaded;
    },
  };
}

/** What of a source a channel is. */
export interface ChannelLoaderSettings {
  readonly contents: ChannelContents;
  /** Namespace of documents that name none (SD-6). */
  readonly namespace: string;
  /** The namespace priority list; without it SD-17 holds. */
  readonly priority?: readonly string[];
  /** Sees what the expressions come to. */
  readonly observer?: EvaluationObserver;
  /** Programs of other channels that may hold the same definitions. */
  readonly near?: () => readonly Program[];
  /** Lets others have their turn while it is compiled; without it they have none. */
  readonly pace?: SlicePace;
}

/** A revision with what it was made of: keep it only as long as the next one may share it. */
export interface LoadedChannel extends LoadedRevision {
  readonly content: ChannelContent;
}

/** Loads the revisions of one channel; unchanged definitions are the same objects as before. */
export interface ChannelLoader {
  /** Rejects with a `RepositoryError`; what was loaded before is not touched. */
  load(layers: readonly Layer[], options: Abortable): Promise<LoadedChannel>;
}

/** Makes a loader for one channel. */
export function createChannelLoader(settings: ChannelLoaderSettings): ChannelLoader {
  let previous: Program | undefined;

  function* compile(documents: readonly SourceDocument[]): Slices<Program> {
    const program = yield* compileInSlices(documents, {
      defaultNamespace: settings.namespace,
      ...(settings.priority === undefined ? {} : { namespaces: settings.priority }),
      ...(settings.observer === undefined ? {} : { observer: settings.observer }),
      previous: [...previous === undefined ? [] : [previous], ...settings.near?.() ?? []],
    });
    // The gate and everyone else ask for them: then they are there.
    yield* diagnosticsInSlices(program);
    return program;
  }

  return {
    async load(layers, options) {
      const content = await settings.contents.of(layers, options);
      const documents = [...content.definitions.values(), ...content.others];
      const compiling = compile(documents.map(({ document }) => document));
      const program = await doInSlices(compiling, settings.pace, options);
      previous = program;
      const own = [...content.definitions.values()].map(({ document }) => document);
      rememberText(
        program,
        textOfProgram(own, { ...programSettings(settings), ...upperLayers(heightsOf(content)) }),
      );
      return { ...revisionOf(content, program), repeatedTests: repeatedTests(content, settings) };
    },
  };
}

function programSettings({ namespace, priority }: ChannelLoaderSettings): ProgramSettings {
  return { namespace, ...(priority === undefined ? {} : { priority }) };
}

/** How many layers lie below that of each definition, by key. */
function heightsOf({ layers, definitions }: ChannelContent): ReadonlyMap<string, number> {
  const upper = layers.slice(0, -1);
  if (upper.length === 0) return new Map();
  const heightOf = ({ branch, commit }: Layer) => {
    const index = upper.findIndex((one) => one.branch === branch && one.commit === commit);
    return index < 0 ? 0 : layers.length - 1 - index;
  };
  return new Map(definitions.entries().map(([key, { layer }]) => [key, heightOf(layer)]));
}

function repeatedTests(
  { definitions, others }: ChannelContent,
  { namespace }: ChannelLoaderSettings,
): LoadedRevision["repeatedTests"] {
  return others.flatMap(({ key = "", content, document }) => {
    const used = definitions.get(key);
    if (document.kind !== "FunctionTest" || used === undefined || used.content === content) {
      return [];
    }
    return compileProgram([document], { defaultNamespace: namespace }).definitions;
  });
}

function revisionOf(
  content: ChannelContent,
  program: Program,
): Omit<LoadedChannel, "repeatedTests"> {
  const [upper] = content.layers;
  if (upper === undefined) throw new TypeError("Cannot load a channel without layers");
  const faults = content.layers.flatMap(({ content: { files } }) =>
    files.flatMap(({ id, fault }) => fault && content.unread.has(id) ? [fault] : [])
  );
  const idOf = unreadableIds(content);
  const unreadable = [...faults, ...unidentifiedFaults(program)].map((diagnostic) => ({
    id: idOf.get(diagnostic.file) ?? diagnostic.file,
    diagnostic,
  }));
  return {
    commit: upper.commit,
    summary: upper.content.summary,
    layers: content.layers.map(({ branch, commit, content: { summary } }) => (
      { branch, commit, summary }
    )),
    revision: revisionName(content.layers),
    program,
    diagnostics: [...program.diagnostics, ...faults],
    unreadable,
    skipped: content.layers.flatMap(({ content: { skipped } }) => skipped),
    content,
  };
}

/** What unreadable content is called: the file it stands in, in every layer that has it. */
function unreadableIds(content: ChannelContent): ReadonlyMap<string, string> {
  const ids = new Map<string, string>();
  const found = [...content.unread, ...content.others.map(({ fileId }) => fileId)];
  for (const id of [...new Set(found)].sort()) {
    const path = id.slice(0, id.lastIndexOf(" "));
    const known = ids.get(path);
    ids.set(path, known === undefined ? id : `${known}, ${id}`);
  }
  return ids;
}

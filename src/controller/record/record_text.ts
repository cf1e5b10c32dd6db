// SPDX-License-Identifier: Apache-2.0

import type {
  Generation,
  PublishedDocument,
  PublishedProgram,
  PublishedWorkflow,
} from "../publication/publication.ts";
import { checkRecord, RecordFault } from "./record_check.ts";
import type { ChannelRecord, Release } from "../release/release.ts";
import { textHash } from "../channels/text_hash.ts";

/**
 * A part of the text of a record, to be written as a whole.
 *
 * The text is a JSON object a line: the release without its Workflows, each Workflow with where it
 * stands, each Program, then the documents. Programs name their documents by ranges of positions.
 */
export interface RecordSection {
  /** Equal for the same text; absent where it differs with every revision. */
  readonly key?: string;
  /** Whole lines. */
  text(): string;
}

/** Where a Workflow stands: its generation in {@linkcode generationsOf}, its place in there. */
type Place = readonly [generation: number, index: number];

/** Positions of documents that follow each other. */
type Range = readonly [first: number, count: number];

interface RangedProgram {
  readonly program: Omit<PublishedProgram, "documents" | "tests">;
  /** Of its documents. */
  readonly ranges: readonly Range[];
  /** Of its FunctionTests. */
  readonly tests?: readonly Range[];
}

type Line =
  | { readonly release: Release }
  | { readonly workflow: PublishedWorkflow; readonly at: readonly Place[] }
  | RangedProgram
  | { readonly document: PublishedDocument };

/** How many files a section of documents has on average. */
const FILES_PER_SECTION = 64;

/** Most documents that the Programs of a record name, counted in each. */
const MAX_NAMED = 5_000_000;

/**
 * The text of a record, in sections that a change of one document leaves alone but for one.
 *
 * Sections of documents end where the name of a file says so, like the chunks of rsync: neither
 * what stands before nor the channel matters. Channels that share documents share sections.
 */
export function recordSections(record: ChannelRecord): readonly RecordSection[] {
  const documents = record.documents.toSorted(byPlace);
  const head: RecordSection = { text: () => headLines(record, documents).join("") };
  return [head, ...documentSections(documents)];
}

function* headLinesOf(
  { release, programs }: ChannelRecord,
  documents: readonly PublishedDocument[],
): Generator<Line> {
  yield { release: mapGenerations(release, (made) => ({ ...made, workflows: [] })) };
  yield* workflowLines(release);
  const positions = new Map(documents.map(({ id }, position) => [id, position]));
  const rangesOf = (ids: readonly string[]) => joined(ids.map((id) => positionOf(id, positions)));
  for (const { documents: ids, tests, ...program } of programs.toSorted(byId)) {
    const ranges = rangesOf(ids);
    yield { program, ranges, ...(tests === undefined ? {} : { tests: rangesOf(tests) }) };
  }
}

function headLines(
  record: ChannelRecord,
  documents: readonly PublishedDocument[],
): readonly string[] {
  return [...headLinesOf(record, documents)].map(lineText);
}

/** Versions of one Workflow stand together: they have most of their text in common. */
function workflowLines(release: Release): readonly Line[] {
  const found = new Map<string, { workflow: PublishedWorkflow; at: Place[] }>();
  for (const [generation, { workflows }] of generationsOf(release).entries()) {
    for (const [index, workflow] of workflows.entries()) {
      const text = JSON.stringify(workflow);
      const line = found.get(text) ?? { workflow, at: [] };
      line.at.push([generation, index]);
      found.set(text, line);
    }
  }
  return [...found.values()].sort((a, b) => compare(a.workflow.name, b.workflow.name));
}

function* documentSections(documents: readonly PublishedDocument[]): Generator<RecordSection> {
  let section: PublishedDocument[] = [];
  for (const document of documents) {
    const last = section.at(-1);
    if (last !== undefined && last.file !== document.file && endsBefore(document.file)) {
      yield documentSection(section);
      section = [];
    }
    section.push(document);
  }
  if (section.length > 0) yield documentSection(section);
}

function documentSection(documents: readonly PublishedDocument[]): RecordSection {
  return {
    key: documents.map(({ id }) => JSON.stringify(id)).join(),
    text: () => documents.map((document) => lineText({ document })).join(""),
  };
}

/** Whether a section begins with this file. */
function endsBefore(file: string): boolean {
  return textHash(file) % FILES_PER_SECTION === 0;
}

/**
 * Reads the text of a record, piece by piece. Both throw a {@linkcode RecordFault} where it is none
 * that {@linkcode recordSections} makes.
 */
export interface RecordReader {
  /** The text goes on, perhaps in the middle of a line. */
  add(text: string): void;
  /** The text was whole. */
  end(): ChannelRecord;
}

/** Makes a reader that has read nothing yet. */
export function createRecordReader(channel: string): RecordReader {
  const lines: Line[] = [];
  let rest = "";
  return {
    add(text) {
      const whole = (rest + text).split("\n");
      rest = whole.pop() ?? "";
      for (const line of whole) if (line !== "") lines.push(parseLine(line));
    },
    end() {
      if (rest !== "") throw new RecordFault("its last line is cut off");
      try {
        return readLines(channel, lines);
      } catch (error) {
        // Only a line of another shape than ours can make reading it fail.
        if (error instanceof RecordFault || !(error instanceof TypeError)) throw error;
        throw new RecordFault("a line of it has another shape", { cause: error });
      }
    },
  };
}

function readLines(channel: string, lines: readonly Line[]): ChannelRecord {
  let release: Release | undefined;
  const placed: { readonly workflow: PublishedWorkflow; readonly at: readonly Place[] }[] = [];
  const ranged: RangedProgram[] = [];
  const documents: PublishedDocument[] = [];
  for (const line of lines) {
    if ("release" in line) release = line.release;
    else if ("workflow" in line) placed.push(line);
    else if ("program" in line) ranged.push(line);
    else documents.push(line.document);
  }
  if (release === undefined) throw new RecordFault("it does not say what is in force");
  checkSize(ranged);
  const idsIn = (ranges: readonly Range[]) => ranges.flatMap((range) => idsOf(range, documents));
  const programs = ranged.map(({ program, ranges, tests }): PublishedProgram => (
    {
      ...program,
      documents: idsIn(ranges),
      ...(tests === undefined ? {} : { tests: idsIn(tests) }),
    }
  ));
  return checkRecord({ channel, release: place(release, placed), programs, documents });
}

/** Puts the Workflows where they were. */
function place(
  release: Release,
  placed: readonly { readonly workflow: PublishedWorkflow; readonly at: readonly Place[] }[],
): Release {
  const workflows = generationsOf(release).map((): PublishedWorkflow[] => []);
  for (const { workflow, at } of placed) {
    for (const [generation, index] of at) {
      const list = workflows[generation];
      if (list === undefined || !(index < placed.length)) {
        throw new RecordFault(`it has Workflow "${workflow.name}" in no generation`);
      }
      list[index] = workflow;
    }
  }
  let generation = 0;
  return mapGenerations(release, (made) => ({ ...made, workflows: workflows[generation++] ?? [] }));
}

/** What is written in a few bytes must not fill the memory. */
function checkSize(programs: readonly RangedProgram[]): void {
  const named = programs.flatMap(({ ranges, tests = [] }) => [...ranges, ...tests])
    .reduce((sum, [, count]) => sum + count, 0);
  if (!(named <= MAX_NAMED)) throw new RecordFault(`its Programs name ${named} documents`);
}

function idsOf([first, count]: Range, documents: readonly PublishedDocument[]): readonly string[] {
  const found = documents.slice(first, first + count);
  if (found.length === count) return found.map(({ id }) => id);
  throw new RecordFault("documents of it are missing");
}

function parseLine(line: string): Line {
  try {
    return JSON.parse(line);
  } catch {
    throw new RecordFault("a line of it is no JSON");
  }
}

/** The generations of a release, always in the same order. */
export function generationsOf(release: Release): readonly Generation[] {
  const found: Generation[] = [];
  mapGenerations(release, (generation) => {
    found.push(generation);
    return generation;
  });
  return found;
}

function mapGenerations(release: Release, map: (generation: Generation) => Generation): Release {
  const { current, candidate, previous } = release;
  return {
    ...release,
    current: map(current),
    ...(candidate === undefined
      ? {}
      : { candidate: { ...candidate, generation: map(candidate.generation) } }),
    ...(previous === undefined ? {} : { previous: map(previous) }),
  };
}

function positionOf(id: string, positions: ReadonlyMap<string, number>): number {
  const position = positions.get(id);
  if (position !== undefined) return position;
  throw new TypeError(`Cannot record a Program: its document "${id}" is missing`);
}

function joined(positions: readonly number[]): readonly Range[] {
  const ranges: [number, number][] = [];
  for (const position of positions) {
    const last = ranges.at(-1);
    if (last !== undefined && last[0] + last[1] === position) last[1]++;
    else ranges.push([position, 1]);
  }
  return ranges;
}

function lineText(line: Line): string {
  return `${JSON.stringify(line)}\n`;
}

function byPlace(a: PublishedDocument, b: PublishedDocument): number {
  return compare(a.file, b.file) || a.line - b.line || compare(a.id, b.id);
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return compare(a.id, b.id);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}

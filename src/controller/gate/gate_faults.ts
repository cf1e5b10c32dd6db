// SPDX-License-Identifier: Apache-2.0

import {
  type BrokenDefinition,
  type Definition,
  definitionKey,
  type Diagnostic,
  diagnosticOwner,
  type FunctionTest,
  type Program,
} from "../../language/mod.ts";
import type { Abortable, CommitSummary } from "../../runtime/ports.ts";
import type { HeldBack } from "../channels/channels.ts";
import type { Refusal } from "./refusal.ts";

/** How one FunctionTest ended. */
export interface TestVerdict {
  /** Namespace of the FunctionTest. */
  readonly namespace: string;
  /** Its name. */
  readonly name: string;
  /** Whether no case failed, and none had to be left out. */
  readonly passed: boolean;
  /** Of a failed test: why, and where. */
  readonly reason?: string;
  /** Of a failed test: where it stands. */
  readonly file?: string;
  /** 1-based. */
  readonly line?: number;
  /** Label of the failing case. */
  readonly case?: string;
  /** It was given up because of the time it took. */
  readonly isTooSlow?: true;
}

/** Runs FunctionTests of a Program; one verdict per test. The composition root gives it. */
export type RunTests = (
  program: Program,
  tests: readonly FunctionTest[],
  options: Abortable,
) => Promise<readonly TestVerdict[]>;

/** Content of which it cannot be said what it defines. */
export interface UnreadableContent {
  /** Path and blob: the same content in two revisions has the same id. */
  readonly id: string;
  /** Why it cannot be read. */
  readonly diagnostic: Diagnostic;
}

/** A revision that asks to be put in force. */
export interface Candidate {
  readonly revision: string;
  /** Who made its newest commit, and why. */
  readonly summary: Pick<CommitSummary, "author" | "subject">;
  readonly program: Program;
  /** Of the tests that can be run; a broken test fails without one. */
  readonly verdicts: readonly TestVerdict[];
  readonly unreadable: readonly UnreadableContent[];
  /** FunctionTests that cannot be run, since another one has their name; absent: none. */
  readonly repeatedTests?: readonly AnyDefinition[];
  /** What must not run again in its channel; absent: nothing was taken back. */
  readonly takenBack?: { readonly channel: string; readonly refused: readonly Refusal[] };
}

/** Why a Workflow, or all of a commit, cannot be put in force. */
export type Fault = Omit<HeldBack, "revision" | "author" | "subject">;

/** What is wrong with the parts of a candidate. */
export interface CandidateFaults {
  /** The first fault of what a Workflow reaches, itself and its tests included. */
  ofWorkflow(name: string): Fault | undefined;
  /** The first fault of the whole commit, used or not. */
  ofCommit(): Fault | undefined;
}

type AnyDefinition = Definition | BrokenDefinition;

/** Looks for what is wrong in a candidate, once for all its Workflows. */
export function findFaults(candidate: Candidate): CandidateFaults {
  const { program } = candidate;
  const own = compileFaults(program);
  const tests = testFaults(candidate);
  return {
    ofWorkflow(name) {
      const reached = [...program.reach("Workflow", name)];
      return firstOf(reached, own) ?? firstOf(reached, tests.byTested);
    },
    ofCommit() {
      return candidate.unreadable.map(({ diagnostic }) => diagnosticFault(diagnostic))[0] ??
        firstOf([...own.keys()], own) ?? tests.all[0] ?? repeatedFault(program);
    },
  };
}

/** Of what is there twice one was not looked at. */
function repeatedFault({ diagnostics }: Program): Fault | undefined {
  const found = diagnostics.find(({ code }) => code === "duplicate-definition");
  return found && diagnosticFault(found);
}

function firstOf(keys: readonly string[], faults: ReadonlyMap<string, Fault>): Fault | undefined {
  return keys.map((key) => faults.get(key)).find((fault) => fault !== undefined);
}

/** Definitions that are broken, or sound but refer to what is missing or broken. */
function compileFaults(program: Program): ReadonlyMap<string, Fault> {
  const faults = new Map<string, Fault>();
  for (const definition of program.definitions) {
    if (definition.type !== "Broken") continue;
    const first = definition.diagnostics.find(({ severity }) => severity === "error");
    const fault = first ? diagnosticFault(first) : brokenFault(definition);
    faults.set(definitionKey(definition.id), fault);
  }
  let owner: ReturnType<typeof ownerFinder> | undefined;
  for (const diagnostic of program.diagnostics) {
    // What a broken reference leads to is reached too, and says more.
    if (diagnostic.severity !== "unresolved" || diagnostic.code === "broken-reference") continue;
    owner ??= ownerFinder(program.definitions);
    const id = diagnosticOwner(diagnostic) ?? owner(diagnostic)?.id;
    if (id === undefined || id.kind === "FunctionTest") continue;
    const key = definitionKey(id);
    if (!faults.has(key)) faults.set(key, diagnosticFault(diagnostic));
  }
  return faults;
}

function diagnosticFault({ message, file, line }: Diagnostic): Fault {
  return { reason: message, file, line };
}

function brokenFault({ id, source }: BrokenDefinition): Fault {
  return { reason: `${id.kind} "${id.name}" is broken`, file: source.file, line: source.line };
}

/** Finds the definition in whose document a diagnostic stands: the last that begins before it. */
function ownerFinder(
  definitions: readonly AnyDefinition[],
): (diagnostic: Diagnostic) => AnyDefinition | undefined {
  const byFile = Map.groupBy(definitions, ({ source }) => source.file);
  for (const list of byFile.values()) list.sort((a, b) => a.source.line - b.source.line);
  return ({ file, line }) => byFile.get(file)?.findLast(({ source }) => source.line <= line);
}

interface TestFaults {
  /** By the key of the definition under test. */
  readonly byTested: ReadonlyMap<string, Fault>;
  readonly all: readonly Fault[];
}

function testFaults({ program, verdicts, repeatedTests = [] }: Candidate): TestFaults {
  const failed = new Map(
    verdicts.filter(({ passed }) => !passed).map((verdict) => [
      `${verdict.namespace}/${verdict.name}`,
      verdict,
    ]),
  );
  const byTested = new Map<string, Fault>();
  const all: Fault[] = [];
  const add = (test: AnyDefinition, fault: Fault | undefined) => {
    if (fault === undefined) return;
    all.push(fault);
    for (const key of testedKeys(program, test)) {
      if (!byTested.has(key)) byTested.set(key, fault);
    }
  };
  for (const definition of program.definitions) {
    if (definition.id.kind === "FunctionTest") add(definition, testFault(definition, failed));
  }
  for (const repeated of repeatedTests) add(repeated, repeatedTestFault(repeated));
  return { byTested, all };
}

function repeatedTestFault({ id: { namespace, name }, source }: AnyDefinition): Fault {
  const { file, line } = source;
  const reason = `Cannot run FunctionTest "${name}": namespace "${namespace}" has another one ` +
    "of this name";
  return { reason, file, line, test: name };
}

function testFault(
  definition: AnyDefinition,
  failed: ReadonlyMap<string, TestVerdict>,
): Fault | undefined {
  const { namespace, name } = definition.id;
  if (definition.type === "Broken") {
    const first = definition.diagnostics.find(({ severity }) => severity === "error");
    const { reason, ...place } = first ? diagnosticFault(first) : brokenFault(definition);
    return { reason: `FunctionTest "${name}" is broken: ${reason}`, ...place, test: name };
  }
  const verdict = failed.get(`${namespace}/${name}`);
  if (verdict === undefined) return undefined;
  return {
    reason: verdict.reason ?? `FunctionTest "${name}" fails`,
    file: verdict.file ?? definition.source.file,
    line: verdict.line ?? definition.source.line,
    test: name,
    ...(verdict.case === undefined ? {} : { case: verdict.case }),
  };
}

/** What a test is about; looked up as the test itself does (SD-15). */
export function testedKeys(program: Program, test: AnyDefinition): readonly string[] {
  const seen = program.startingAt(test.id.namespace);
  const ref = test.type === "FunctionTest" ? test.functionRef : brokenRef(test);
  const refs = ref ? [ref] : LOGIC_KINDS.map((kind) => ({ kind, name: test.id.name }));
  return refs.flatMap(({ kind, name }) => {
    const found = seen.winner(kind, name);
    return found ? [definitionKey(found.id)] : [];
  });
}

/** A test that does not even say what it tests counts for what bears its name (VC-3). */
const LOGIC_KINDS = ["ValueFunction", "ResourceFunction", "Workflow"] as const;

function brokenRef(definition: AnyDefinition) {
  return definition.type === "Broken" ? definition.test?.functionRef : undefined;
}

/** Errors of documents that could not even be identified: each may have been any definition. */
export function unidentifiedFaults(program: Program): readonly Diagnostic[] {
  const explained = new Set(
    program.definitions.flatMap((definition) =>
      definition.type === "Broken" ? definition.diagnostics.map(placeKey) : []
    ),
  );
  return program.diagnostics.filter((diagnostic) =>
    diagnostic.severity === "error" && diagnostic.code !== "duplicate-definition" &&
    !explained.has(placeKey(diagnostic))
  );
}

function placeKey({ file, line, column, code }: Diagnostic): string {
  return `${file}:${line}:${column} ${code}`;
}

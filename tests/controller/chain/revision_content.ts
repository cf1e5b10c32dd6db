// SPDX-License-Identifier: Apache-2.0

import { layersOf } from "../../../src/controller/feed/feed_seed.ts";
import { compileProgram, readDocuments } from "../../../src/language/mod.ts";
import type { CommitId, Repository } from "../../../src/runtime/ports.ts";
import { type Files, KINDS } from "./chain_content.ts";

/** What a revision says, read without the product's ways to judge it. */
export interface RevisionContent {
  /** How its Workflows behave, by name. */
  readonly digests: ReadonlyMap<string, string>;
  /** Trigger kinds of its Workflows, by name. */
  readonly kinds: ReadonlyMap<string, string>;
  /** Workflows that reach what does not compile, or what fails its test. */
  readonly unsound: ReadonlySet<string>;
  /** Whether anything of it is not as it should be. */
  readonly isUnsound: boolean;
}

const signal = new AbortController().signal;
const known = new Map<string, RevisionContent>();

/** Reads a revision; that of an overlay is made of its layers. */
export async function revisionContent(
  repository: Repository,
  revision: string,
): Promise<RevisionContent> {
  const files = await revisionFiles(repository, revision);
  const key = JSON.stringify(files);
  const content = known.get(key) ?? readContent(files);
  known.set(key, content);
  return content;
}

/** The definitions of a revision: of an overlay those of the branch below with its own changes. */
async function revisionFiles(repository: Repository, revision: string): Promise<Files> {
  const [upper, lower] = layersOf(revision).map(({ commit }) => commit);
  if (upper === undefined) throw new RangeError(`"${revision}" names no commit`);
  const own = await filesAt(repository, upper);
  if (lower === undefined) return own;
  const held = { ...await filesAt(repository, lower) };
  const [base] = await repository.mergeBases(upper, lower, { signal });
  const atBase: Files = base === undefined ? {} : await filesAt(repository, base);
  const past = await filesSince(repository, lower, base);
  for (const path of new Set([...Object.keys(atBase), ...Object.keys(own)])) {
    const text = own[path];
    if (text === atBase[path] || past.some((files) => files[path] === text)) continue;
    if (text === undefined) delete held[path];
    else held[path] = text;
  }
  return held;
}

async function filesAt(repository: Repository, commit: CommitId): Promise<Files> {
  const { files } = await repository.files(commit, "", { signal });
  return Object.fromEntries(files.map(({ path, blob }) => [path, blob]));
}

/** What a branch held since a commit, its head included. */
async function filesSince(
  repository: Repository,
  head: CommitId,
  base: CommitId | undefined,
): Promise<readonly Files[]> {
  const found: Files[] = [];
  for (let at: CommitId | undefined = head; at !== undefined && at !== base;) {
    found.push(await filesAt(repository, at));
    at = (await repository.commit(at, { signal })).parents[0];
  }
  return found;
}

function readContent(files: Files): RevisionContent {
  const documents = Object.entries(files).flatMap(([path, text]) => readDocuments({ path, text }));
  const program = compileProgram(documents, { defaultNamespace: "default" });
  const workflows = Object.entries(files).filter(([, text]) => text.includes("kind: Workflow"));
  const bad = new Set(["nowhere", ...["f", "g"].filter((name) => isBad(files, name))]);
  const steps = new Map(workflows.map(([path, text]) => [nameOf(path), stepsOf(text)]));
  const unsound = [...steps].filter(([, own]) => own.some((step) => bad.has(step)));
  return {
    digests: new Map([...steps.keys()].map((own) => [own, program.reachDigest("Workflow", own)])),
    kinds: new Map(
      workflows.map(([path, text]) => [
        nameOf(path),
        KINDS.find((kind) => text.includes(`kind: ${kind}`)) ?? "",
      ]),
    ),
    unsound: new Set(unsound.map(([own]) => own)),
    isUnsound: unsound.length > 0 || bad.size > 1,
  };
}

function nameOf(path: string): string {
  return path.replace(".k.yaml", "");
}

function stepsOf(text: string): readonly string[] {
  return [...text.matchAll(/label: step_(\w+)/g)].flatMap(([, step]) => step ?? []);
}

function isBad(files: Files, name: string): boolean {
  const value = /value: (.+)/.exec(files[`${name}.k.yaml`] ?? "")?.[1];
  const expected = /value: (.+)/.exec(files[`${name}-test.k.yaml`] ?? "")?.[1];
  return value === undefined || value !== expected;
}

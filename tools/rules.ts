// SPDX-License-Identifier: Apache-2.0

/**
 * Says which tests name which rules of the language, and fails when a rule is named by none or a
 * test names a rule that does not exist.
 *
 * Usage: `deno run -A tools/rules.ts [--quiet] [--root DIR]`
 *
 * Rules are the bold ids of `docs/LANGUAGE.md` and the codes and limits of its chapter 2. Tests are
 * the names that the files below `tests/` register; those of `*.suite.ts`, which need a cluster, and
 * those of steps are read from their text.
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a tool speaks to the terminal

import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";

const BOLD_ID = /\*\*([A-Z]{1,2}-?\d+(?:\.\d+)?[a-z]?)\*\*/g;
const CODE_ROW = /^\| (?:\*\*LM-\d+\*\* \| )?`([a-z]+(?:-[a-z]+)*)` /;
const CODES_BEGIN = "## 2 Diagnostics and limits";
const CODES_END = "## 3 ";

/** The prefixes that chapters give their rules, and the rows of chapter 17. */
const CHAPTERS = "SD|DG|LM|EX|FN|OC|PR|VF|RT|RF|DF|WF|TR|ST|CL|FT|FW|VC";
const ID = `(?:(?:${CHAPTERS})-\\d+(?:\\.\\d+)?[a-z]?|(?:D|X|Y|E)\\d{1,2}[a-z]?)`;
const NAMED = new RegExp(`(?<![\\w.-])(${ID})(?: to (${ID}))?(?![\\w-]|\\.\\d)`, "g");

/** Rules and the tests that name them. */
export interface RuleReport {
  /** Names of tests by rule, in the order of the language; empty where there is none. */
  readonly tests: ReadonlyMap<string, readonly string[]>;
  /** Sentences about rules without a test, and tests that name what is no rule. */
  readonly faults: readonly string[];
}

/**
 * The ids of a language specification, in its order.
 *
 * @param language Text of `docs/LANGUAGE.md`
 * @returns Bold ids and the codes of chapter 2, each once. Never throws
 */
export function ruleIds(language: string): readonly string[] {
  const ids = new Set<string>();
  let isInCodes = false;
  for (const line of language.split("\n")) {
    if (line.startsWith("## ")) isInCodes = line.startsWith(CODES_BEGIN);
    if (line.startsWith(CODES_END)) isInCodes = false;
    for (const [, id = ""] of line.matchAll(BOLD_ID)) ids.add(id);
    const code = isInCodes ? CODE_ROW.exec(line)?.[1] : undefined;
    if (code !== undefined) ids.add(code);
  }
  return [...ids];
}

/**
 * The rules that the name of a test names.
 *
 * `RF-30.6 to RF-30.8` names all rules between the two. A code counts as a word of the name; one
 * that is a word of the language, such as `conflict`, only behind `DG`.
 *
 * @param name Name of a test
 * @param ids All rules
 * @returns Rules that exist and ids that do not. Never throws
 */
export function namedRules(
  name: string,
  ids: readonly string[],
): { readonly known: readonly string[]; readonly unknown: readonly string[] } {
  const found = [...name.matchAll(NAMED)].flatMap(([, from = "", to]) =>
    to === undefined ? [from] : [from, ...ids.filter((id) => isBetween(from, id, to)), to]
  );
  const codes = ids.filter((id) => /^[a-z]/.test(id) && codePattern(id).test(name));
  const all = [...new Set([...found, ...codes])];
  return {
    known: all.filter((id) => ids.includes(id)),
    unknown: all.filter((id) => !ids.includes(id)),
  };
}

function codePattern(code: string): RegExp {
  const before = code.includes("-") ? "(?<![\\w-])" : "(?<=DG )";
  return new RegExp(`${before}${code}(?![\\w-])`);
}

/** Whether an id stands between two of one chapter, both included. */
function isBetween(from: string, id: string, to: string): boolean {
  const [first, one, last] = [from, id, to].map(placeOf);
  if (!first || !one || !last) return false;
  return first.chapter === one.chapter && one.chapter === last.chapter &&
    first.place <= one.place && one.place <= last.place;
}

function placeOf(id: string): { readonly chapter: string; readonly place: string } | undefined {
  const [, chapter, number = "", part = "0", letter = ""] =
    /^([A-Z]+)-?(\d+)(?:\.(\d+))?([a-z]?)$/.exec(id) ?? [];
  if (chapter === undefined) return undefined;
  return { chapter, place: `${number.padStart(4, "0")}.${part.padStart(4, "0")}${letter}` };
}

/**
 * Which tests name which rules.
 *
 * @param ids All rules
 * @param names Names of all tests
 */
export function reportRules(ids: readonly string[], names: readonly string[]): RuleReport {
  const tests = new Map<string, string[]>(ids.map((id) => [id, []]));
  const faults: string[] = [];
  for (const name of names) {
    const { known, unknown } = namedRules(name, ids);
    for (const id of known) tests.get(id)?.push(name);
    for (const id of unknown) faults.push(`Cannot find rule ${id} that a test names: "${name}"`);
  }
  for (const [id, namedBy] of tests) {
    if (namedBy.length === 0) faults.push(`Cannot find a test that names rule ${id}`);
  }
  return { tests, faults };
}

const LITERAL_NAME = /\b(?:Deno\.test|\w+\.step)\(\s*(?:"((?:[^"\\]|\\.)*)"|`([^`$]*)`)/g;

/** The names of tests and steps that stand in a source as they are. */
export function literalNames(source: string): readonly string[] {
  return [...source.matchAll(LITERAL_NAME)].map(([, quoted, raw]) => quoted ?? raw ?? "");
}

interface FoundNames {
  readonly names: readonly string[];
  /** Sentences about files that could not be loaded. */
  readonly faults: readonly string[];
}

async function testNames(directory: string): Promise<FoundNames> {
  const names = new Set<string>();
  const faults: string[] = [];
  replaceDenoTest((name) => names.add(name));
  for (const path of await testFiles(directory)) {
    for (const name of literalNames(await Deno.readTextFile(path))) names.add(name);
    // Suites start what they need as they are loaded.
    if (path.endsWith(".suite.ts")) continue;
    const failure = await import(pathToFileURL(path).href).then(() => undefined, String);
    if (failure !== undefined) faults.push(`Cannot load ${path}: ${failure}`);
  }
  return { names: [...names], faults };
}

/** Lets test files tell their names instead of registering tests. */
function replaceDenoTest(tell: (name: string) => void): void {
  const register = (...args: readonly unknown[]): void => {
    const [first] = args;
    if (typeof first === "string") tell(first);
    else if (typeof first === "function") tell(first.name);
    else if (isNamed(first)) tell(first.name);
  };
  const hooks = ["beforeAll", "beforeEach", "afterEach", "afterAll"];
  const value = Object.assign(register, { ignore: register, only: register });
  for (const hook of hooks) Object.assign(value, { [hook]: () => {} });
  Object.defineProperty(Deno, "test", { value, configurable: true });
}

function isNamed(value: unknown): value is { readonly name: string } {
  return typeof value === "object" && value !== null && "name" in value &&
    typeof value.name === "string";
}

async function testFiles(directory: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(directory)) {
    const path = `${directory}/${name}`;
    if (isDirectory) found.push(...await testFiles(path));
    else if (/(?:_test|\.suite)\.ts$/.test(name)) found.push(path);
  }
  return found.sort();
}

async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quiet: { type: "boolean", default: false },
      root: { type: "string", default: new URL("..", import.meta.url).pathname },
    },
  });
  const root = values.root.replace(/\/$/, "");
  const ids = ruleIds(await Deno.readTextFile(`${root}/docs/LANGUAGE.md`));
  const found = await testNames(`${root}/tests`);
  const { tests, faults: unnamed } = reportRules(ids, found.names);
  const faults = [...found.faults, ...unnamed];
  if (!values.quiet) {
    for (const [id, names] of tests) console.log([id, ...names].join("\n  "));
  }
  for (const fault of faults) console.error(fault);
  console.log(`${ids.length} rules, ${faults.length} faults`);
  return faults.length > 0 ? 1 : 0;
}

// Not awaited here: the test of this tool imports it, and is itself among the files it loads. Exits
// at the end, since a loaded file may have left something open that keeps the process alive.
if (import.meta.main) main(Deno.args).then(Deno.exit);

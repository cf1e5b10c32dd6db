// SPDX-License-Identifier: Apache-2.0

import {
  DIAGNOSTIC_CODES,
  type DiagnosticCode,
  type Program,
  renderDiagnostic,
  type Severity,
} from "../../src/language/mod.ts";
import { DIAGNOSTIC_ADVICE } from "./diagnostic_advice.ts";
import {
  type DiagnosticExample,
  exampleOf,
  hasExample,
  outcomesOf,
  programOf,
} from "./diagnostic_examples.ts";
import { fenced, GENERATED_MARK, type GeneratedPage, table } from "./page.ts";

/** `docs/diagnostics.md`. */
export async function diagnosticsPage(): Promise<GeneratedPage> {
  const entries: string[] = [];
  for (const code of codes()) entries.push(await entry(code));
  return { path: "docs/diagnostics.md", text: `${[HEAD, index(), ...entries].join("\n\n")}\n` };
}

const HEAD = `# Diagnostics

${GENERATED_MARK}

What koreo-deno says about a definition, code by code. \`koreo validate\` shows every diagnostic of a
directory at once; a code never changes its meaning (DG-1, DG-2). The examples are compiled each time
the test suite runs: what stands under "shows" is what the bad one really gives.

| Severity | What it means for the definition |
| --- | --- |
| error | It is broken and not run. Everything that does not need it goes on (DG-3, DG-6) |
| unresolved | It is sound, but what it refers to is missing or broken: it waits (DG-4) |
| warning | It runs. \`koreo validate --strict\` counts warnings (DG-5) |
| information | It runs, and nothing needs to be done (DG-5a) |

Errors that only a run can meet are the outcome \`PermFail\` of a step with a message that begins with
the code.`;

function codes(): readonly DiagnosticCode[] {
  return Object.keys(DIAGNOSTIC_CODES) as DiagnosticCode[];
}

const SEVERITIES: readonly Severity[] = ["error", "unresolved", "warning", "information"];

/** All codes, most severe first. */
function index(): string {
  const rows = SEVERITIES.flatMap((severity) =>
    codes().filter((code) => DIAGNOSTIC_CODES[code].severity === severity).map((code) => [
      `[\`${code}\`](#${code})`,
      severity,
      DIAGNOSTIC_CODES[code].meaning,
    ])
  );
  return table(["Code", "Severity", "Meaning"], rows);
}

async function entry(code: DiagnosticCode): Promise<string> {
  const { severity, meaning, bad, good } = DIAGNOSTIC_CODES[code];
  const { when, next } = DIAGNOSTIC_ADVICE[code] ?? {};
  return [
    `## ${code}`,
    `${capitalised(severity)}: ${meaning}.`,
    ...when === undefined ? [] : [`**When:** ${when}`],
    ...next === undefined ? [] : [`**Next move:** ${next}`],
    inShort(bad, good),
    ...await examples(code),
  ].join("\n\n");
}

/** The short forms of the table: some are YAML, some are words. */
function inShort(bad: string, good: string): string {
  const form = (text: string) => IS_CODE.test(text) ? `\`${text}\`` : text;
  return `In short: not ${form(bad)}, but ${form(good)}.`;
}

const IS_CODE = /^[^`]*(: |=|^- |^\[|\()[^`]*$/;

/** The bad example, what it shows, and the good one; the suite fails for a code without. */
async function examples(code: DiagnosticCode): Promise<readonly string[]> {
  if (!hasExample(code)) return [];
  const example = exampleOf(code);
  return [
    ...example.isShown ? ["Bad:", fenced("yaml bad", example.bad)] : [],
    example.isShown ? "Shows:" : "Bad, which is too long to print here, shows:",
    fenced("text", await shows(code, example)),
    "Good:",
    fenced("yaml", example.good),
  ];
}

/** What the bad example gives: the frames of this code, or the outcomes of its tests. */
async function shows(code: DiagnosticCode, { bad, raised }: DiagnosticExample): Promise<string> {
  const program = programOf(`${code}.yaml`, bad);
  return raised === "reading" ? framesOf(code, program) : (await outcomesOf(program)).join("\n");
}

function framesOf(code: DiagnosticCode, program: Program): string {
  const frames = program.diagnostics.filter((found) => found.code === code)
    .map((found) => renderDiagnostic(found));
  if (frames.length === 0) {
    throw new TypeError(`Cannot show ${code}: its example does not raise it`);
  }
  return frames.join("\n\n");
}

function capitalised(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

// SPDX-License-Identifier: Apache-2.0

import type { Diagnostic, Severity } from "./diagnostic.ts";

/** How a diagnostic is shown. */
export interface RenderOptions {
  /** Whether colours are used; off unless asked for. */
  readonly color?: boolean;
}

/** ANSI codes by severity. */
const COLORS: Readonly<Record<Severity, string>> = {
  error: "31",
  unresolved: "35",
  warning: "33",
  information: "36",
};

const BOLD = "1";
const DIM = "2";

type Paint = (code: string, text: string) => string;

/**
 * A diagnostic for people: place, severity and code; the message; the line with the part marked;
 * related places and the next move.
 *
 * Control characters of the source are shown as `·`, so that a definition cannot steer a terminal.
 *
 * @example
 * ```text
 * bucket.koreo:14:22 error unknown-step
 * Cannot use step "confg": no step has this label
 *  14 |         name: =steps.confg.name
 *     |                      ^^^^^
 *  help: did you mean "config"?
 * ```
 */
export function renderDiagnostic(diagnostic: Diagnostic, options: RenderOptions = {}): string {
  const paint = paintOf(options);
  const { file, line, column, severity, code, message, related, help } = diagnostic;
  const color = COLORS[severity];
  return [
    `${paint(BOLD, visible(`${file}:${line}:${column}`))} ${paint(color, severity)} ${code}`,
    visible(message),
    ...frame(diagnostic, paint),
    ...(related ?? []).map((place) =>
      visible(` related: ${place.file}:${place.line}:${place.column} ${place.message}`)
    ),
    ...(help ? [` ${paint(DIM, "help:")} ${visible(help)}`] : []),
  ].join("\n");
}

/** What a code frame shows: a place with its line. */
export type Framed = Pick<Diagnostic, "line" | "column" | "severity" | "excerpt">;

/** The code frame alone, as {@linkcode renderDiagnostic} has it; `""` without an excerpt. */
export function renderFrame(framed: Framed, options: RenderOptions = {}): string {
  return frame(framed, paintOf(options)).join("\n");
}

function paintOf({ color }: RenderOptions): Paint {
  return color ? (code, text) => `\x1b[${code}m${text}\x1b[0m` : (_code, text) => text;
}

// deno-lint-ignore no-control-regex -- control characters are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

function visible(text: string): string {
  return text.replace(CONTROL, "·");
}

/** The longest part of a line that is shown, and how much of it stands before the mark. */
const MAX_SHOWN = 120;
const BEFORE_MARK = 60;

function frame({ line, column, severity, excerpt }: Framed, paint: Paint): readonly string[] {
  if (excerpt === undefined) return [];
  const cut = column > MAX_SHOWN ? column - 1 - BEFORE_MARK : 0;
  const shown = excerpt.text.slice(cut, cut + MAX_SHOWN);
  const start = column - 1 - cut;
  const end = Math.min(
    Math.max(excerpt.endColumn - 1 - cut, start + 1),
    Math.max(shown.length, start + 1),
  );
  const marked = visible(shown.slice(start, end));
  const before = visible(shown.slice(0, start));
  const number = String(line);
  const mark = "^".repeat(Math.max(1, displayWidth(marked)));
  const gutter = (text: string) => paint(DIM, ` ${text.padStart(number.length)} |`);
  return [
    `${gutter(number)} ${visible(shown)}`.trimEnd(),
    `${gutter("")} ${" ".repeat(displayWidth(before))}${paint(COLORS[severity], mark)}`,
  ];
}

/** Characters that take two columns of a terminal. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Extended_Pictographic}/u;
const COMBINING = /\p{M}|\u200d|\ufe0f/u;

/** Columns of a terminal that a text takes. */
function displayWidth(text: string): number {
  let width = 0;
  for (const character of text) {
    if (COMBINING.test(character)) continue;
    width += WIDE.test(character) ? 2 : 1;
  }
  return width;
}

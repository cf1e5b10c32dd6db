// SPDX-License-Identifier: Apache-2.0

import { COLLECTION_ROWS } from "../../src/language/expression/functions/collections.ts";
import { CONVERSION_ROWS } from "../../src/language/expression/functions/conversions.ts";
import { JSON_ROWS } from "../../src/language/expression/functions/json.ts";
import { LIBRARY } from "../../src/language/expression/functions/library.ts";
import { OBJECT_ROWS } from "../../src/language/expression/functions/objects.ts";
import { OPTIONAL_ROWS } from "../../src/language/expression/functions/optionals.ts";
import type { FunctionRow } from "../../src/language/expression/functions/row.ts";
import { STRING_ROWS } from "../../src/language/expression/functions/strings.ts";
import { TEXT_ROWS } from "../../src/language/expression/functions/texts.ts";
import { TIME_ROWS } from "../../src/language/expression/functions/times.ts";
import { fenced, GENERATED_MARK, type GeneratedPage, table } from "./page.ts";

/** The parts of the page; together they are {@linkcode LIBRARY}. */
const SECTIONS: readonly {
  readonly title: string;
  readonly intro: string;
  readonly rows: readonly FunctionRow[];
}[] = [
  {
    title: "Objects and references",
    intro: "What other objects want to know of an object, and how two maps become one.",
    rows: OBJECT_ROWS,
  },
  {
    title: "Collections and sizes",
    intro: "Lists, maps, and how large something is. Loops such as `map` and `filter` are " +
      "[macros](expressions.md#macros).",
    rows: COLLECTION_ROWS,
  },
  { title: "Tests of text", intro: "What a text contains, and its case.", rows: STRING_ROWS },
  { title: "Parts of text", intro: "Taking text apart and putting it together.", rows: TEXT_ROWS },
  {
    title: "JSON and base64",
    intro: "Text inside fields: annotations, ConfigMaps, Secrets.",
    rows: JSON_ROWS,
  },
  {
    title: "Conversions",
    intro: "There is no silent conversion: a number becomes text only through `string()`.",
    rows: CONVERSION_ROWS,
  },
  {
    title: "Optional values",
    intro: "What `.?` gives; see [expressions](expressions.md#what-may-be-absent).",
    rows: OPTIONAL_ROWS,
  },
  { title: "Times and durations", intro: "Parts of a timestamp or duration.", rows: TIME_ROWS },
];

/** `docs/language/functions.md`. */
export function functionReference(): GeneratedPage {
  const missing = LIBRARY.filter((row) => !SECTIONS.some(({ rows }) => rows.includes(row)));
  if (missing.length > 0) {
    throw new TypeError(`Cannot place ${missing[0]?.name}: no section of the page has it`);
  }
  const sections = SECTIONS.map(({ title, intro, rows }) =>
    [`## ${title}`, intro, ...byName(rows).map(entry)].join("\n\n")
  );
  return {
    path: "docs/language/functions.md",
    text: `${[HEAD, index(), ...sections].join("\n\n")}\n`,
  };
}

const HEAD = `# Functions

${GENERATED_MARK}

Every function an [expression](expressions.md) can call. A function marked "either way" can be
called as a function or as a method of its first argument: \`lower(s)\` and \`s.lower()\` are the
same (FN-1). An argument of a type that is not named here is the error \`no such overload\`. The
letters and numbers in brackets are the rules in [LANGUAGE.md](../LANGUAGE.md), which have the edge
cases. Behind \`//\` stands what an example gives; the test suite evaluates every one.`;

/** The names, linked, by section. */
function index(): string {
  const seen = new Map<string, number>();
  const link = (name: string) => {
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return `[\`${name}\`](#${anchor(name)}${count === 0 ? "" : `-${count}`})`;
  };
  const rows = SECTIONS.map(({ title, rows }) => [
    `[${title}](#${anchor(title)})`,
    byName(rows).map(([first]) => link(first.name)).join(", "),
  ]);
  return table(["About", "Functions"], rows);
}

function anchor(title: string): string {
  return title.toLowerCase().replaceAll(/[^\w\- ]/g, "").replaceAll(" ", "-");
}

/** All rows of one name. */
type Overloads = readonly [FunctionRow, ...FunctionRow[]];

function byName(rows: readonly FunctionRow[]): readonly Overloads[] {
  const groups = new Map<string, Overloads>();
  for (const row of rows) {
    const group = groups.get(row.name);
    groups.set(row.name, group === undefined ? [row] : [...group, row]);
  }
  return [...groups.values()];
}

function entry(rows: Overloads): string {
  const [{ name }] = rows;
  return [`### \`${name}\``, ...byMeaning(rows).map(meaning)].join("\n\n");
}

/** Rows that differ in the types of their arguments only. */
function byMeaning(rows: readonly FunctionRow[]): readonly Overloads[] {
  const groups: Overloads[] = [];
  for (const row of rows) {
    const at = groups.findIndex(([first]) => first.doc === row.doc);
    const group = groups[at];
    if (group === undefined) groups.push([row]);
    else groups[at] = [...group, row];
  }
  return groups;
}

function meaning(rows: Overloads): string {
  const [{ doc, rule, form, example: [source, result] }] = rows;
  const either = form === "both" && rows[0].parameters.length > 0 ? ", either way" : "";
  return [
    `\`${signature(rows)}\`${either} (${rule})`,
    doc,
    fenced("cel", example(source, result)),
  ].join("\n\n");
}

/** An example on one line, or on two when that is too long to read. */
function example(source: string, result: string): string {
  const line = `${source} // ${result}`;
  return line.length <= 95 ? line : `${source}\n  // ${result}`;
}

/** `text.split(separator: string) → list`, with all types that the rows take. */
function signature(rows: Overloads): string {
  const [{ name, form, parameters, result }] = rows;
  const typed = parameters.map(([label], at) => {
    const types = [...new Set(rows.map((row) => row.parameters[at]?.[1]))];
    return `${label}: ${types.join(" | ")}`;
  });
  const [target, ...rest] = typed;
  const call = form === "method"
    ? `(${target}).${name}(${rest.join(", ")})`
    : `${name}(${typed.join(", ")})`;
  return `${call} → ${result}`;
}

// SPDX-License-Identifier: Apache-2.0

import { matches } from "../regex/matches.ts";
import { checkText } from "../values/measure.ts";
import { charge } from "./collections.ts";
import { type FunctionRow, row } from "./row.ts";

/** Rules FN-6, FN-8 and FN-9. */
export const STRING_ROWS: readonly FunctionRow[] = [
  row("FN-6", {
    name: "contains",
    form: "method",
    parameters: [["text", "string"], ["part", "string"]],
    result: "bool",
    doc: "Whether the text has the part somewhere.",
    example: ["'bucket'.contains('uck')", "true"],
    run: (budget, text, part) => (charge(budget, text.length), text.includes(part)),
  }),
  row("FN-6", {
    name: "startsWith",
    form: "method",
    parameters: [["text", "string"], ["prefix", "string"]],
    result: "bool",
    doc: "Whether the text begins with the prefix.",
    example: ["'bucket'.startsWith('bu')", "true"],
    run: (budget, text, prefix) => (charge(budget, prefix.length), text.startsWith(prefix)),
  }),
  row("FN-6", {
    name: "endsWith",
    form: "method",
    parameters: [["text", "string"], ["suffix", "string"]],
    result: "bool",
    doc: "Whether the text ends with the suffix.",
    example: ["'bucket'.endsWith('et')", "true"],
    run: (budget, text, suffix) => (charge(budget, suffix.length), text.endsWith(suffix)),
  }),
  row("FN-8", {
    name: "matches",
    parameters: [["text", "string"], ["pattern", "string"]],
    result: "bool",
    doc: "Whether some part of the text matches the RE2 pattern; look-around is accepted.",
    example: ["'logs-1'.matches('^[a-z]+-[0-9]$')", "true"],
    run: (budget, text, pattern) => matches(text, pattern, budget),
  }),
  row("FN-9", {
    name: "toLower",
    parameters: [["text", "string"]],
    result: "string",
    doc: "The text in lower case.",
    example: ["'ÄB'.toLower()", "'äb'"],
    run: (budget, text) => checkText(text.toLowerCase(), budget),
  }),
  row("FN-9", {
    name: "toUpper",
    parameters: [["text", "string"]],
    result: "string",
    doc: "The text in upper case.",
    example: ["'äb'.toUpper()", "'ÄB'"],
    run: (budget, text) => checkText(text.toUpperCase(), budget),
  }),
];

// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { type EvaluationFault, fault } from "../fault.ts";
import { checkText, countMade } from "../values/measure.ts";
import type { Value } from "../values/value.ts";
import { charge } from "./collections.ts";
import { type FunctionRow, row } from "./row.ts";

type Result = Value | EvaluationFault;

function strip(text: string, characters: string, ends: "both" | "end"): string {
  const set = new Set(characters);
  const units = [...text];
  let from = 0;
  let to = units.length;
  while (to > 0 && set.has(units[to - 1] as string)) to--;
  while (ends === "both" && from < to && set.has(units[from] as string)) from++;
  return units.slice(from, to).join("");
}

/** Splits, with the work charged; a fault for an empty separator. */
function parts(
  text: string,
  separator: string,
  budget: Budget,
): readonly string[] | EvaluationFault {
  if (separator === "") return fault("bad-value", "split separator may not be empty");
  const made = split(text, separator);
  charge(budget, text.length + made.length);
  return countMade(made, budget) ?? made;
}

/** Like `String.split`, which asks a cache first that has none of the texts that are read here. */
function split(text: string, separator: string): readonly string[] {
  let from = text.indexOf(separator);
  if (from < 0) return [text];
  const made = [text.slice(0, from)];
  for (let at = from; at >= 0;) {
    from = at + separator.length;
    at = text.indexOf(separator, from);
    made.push(at < 0 ? text.slice(from) : text.slice(from, at));
  }
  return made;
}

/** The part before the first or after the last separator, the whole text without one. */
function edge(text: string, separator: string, which: "first" | "last"): Result {
  if (separator === "") return fault("bad-value", "split separator may not be empty");
  const at = which === "first" ? text.indexOf(separator) : text.lastIndexOf(separator);
  if (at < 0) return text;
  return which === "first" ? text.slice(0, at) : text.slice(at + separator.length);
}

function partAt(split: readonly string[] | EvaluationFault, index: number): Result {
  if (!Array.isArray(split)) return split as EvaluationFault;
  if (split.length === 1 && split[0] === "") return "";
  return split.at(index) ?? fault("bad-value", "index out of bounds on split");
}

/** Replaces without making a text that is too long first. */
function replace(text: string, { old, by }: { old: string; by: string }, budget: Budget): Result {
  const pieces = old === "" ? ["", ...text, ""] : text.split(old);
  charge(budget, text.length);
  const length = text.length + (pieces.length - 1) * (by.length - old.length);
  if (length > 1024 * 1024) return checkText("x".repeat(1024 * 1024 + 1), budget);
  return checkText(old === "" ? around(pieces, by) : pieces.join(by), budget);
}

/** Puts `by` before every character and at the end. */
function around(pieces: readonly string[], by: string): string {
  return pieces.slice(1).map((piece) => by + piece).join("");
}

/** Rules FN-30 to FN-35. */
export const TEXT_ROWS: readonly FunctionRow[] = [
  row("FN-30", {
    name: "lower",
    parameters: [["text", "string"]],
    result: "string",
    doc: "The text in lower case.",
    example: ["lower('ÄB')", "'äb'"],
    run: (budget, text) => checkText(text.toLowerCase(), budget),
  }),
  row("FN-31", {
    name: "strip",
    parameters: [["text", "string"], ["characters", "string"]],
    result: "string",
    doc: "The text without any of the characters at both ends.",
    example: ["'--a-b-'.strip('-')", "'a-b'"],
    run: (budget, text, characters) => {
      charge(budget, text.length);
      return strip(text, characters, "both");
    },
  }),
  row("FN-31", {
    name: "rstrip",
    parameters: [["text", "string"], ["characters", "string"]],
    result: "string",
    doc: "The text without any of the characters at the end.",
    example: ["'-a--'.rstrip('-')", "'-a'"],
    run: (budget, text, characters) => {
      charge(budget, text.length);
      return strip(text, characters, "end");
    },
  }),
  row("FN-32", {
    name: "split",
    parameters: [["text", "string"], ["separator", "string"]],
    result: "list",
    doc: "The parts of the text between the separators.",
    example: ["'a,b'.split(',')", "['a', 'b']"],
    run: (budget, text, separator) => parts(text, separator, budget),
  }),
  row("FN-33", {
    name: "split_first",
    parameters: [["text", "string"], ["separator", "string"]],
    result: "string",
    doc: "The part before the first separator; the whole text when there is none.",
    example: ["'a,b,c'.split_first(',')", "'a'"],
    run: (budget, text, separator) => {
      charge(budget, text.length);
      return edge(text, separator, "first");
    },
  }),
  row("FN-33", {
    name: "split_last",
    parameters: [["text", "string"], ["separator", "string"]],
    result: "string",
    doc: "The part after the last separator; the whole text when there is none.",
    example: ["'a,b,c'.split_last(',')", "'c'"],
    run: (budget, text, separator) => {
      charge(budget, text.length);
      return edge(text, separator, "last");
    },
  }),
  row("FN-34", {
    name: "split_index",
    parameters: [["text", "string"], ["separator", "string"], ["index", "int"]],
    result: "string",
    doc: "One part of the text; a negative index counts from the end.",
    example: ["'a,b,c'.split_index(',', -1)", "'c'"],
    run: (budget, text, separator, index) => partAt(parts(text, separator, budget), Number(index)),
  }),
  row("FN-35", {
    name: "replace",
    parameters: [["text", "string"], ["old", "string"], ["new", "string"]],
    result: "string",
    doc: "The text with every occurrence of one text replaced by another.",
    example: ["'a-b-c'.replace('-', '_')", "'a_b_c'"],
    run: (budget, text, old, by) => replace(text, { old, by }, budget),
  }),
];

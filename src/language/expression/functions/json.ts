// SPDX-License-Identifier: Apache-2.0

import type { Budget } from "../budget.ts";
import { jsonText, parseJsonText } from "../../json_text.ts";
import { type EvaluationFault, fault, isFault } from "../fault.ts";
import { fromBase64, toBase64 } from "../values/base64.ts";
import { checkText, countMade, MAX_TEXT } from "../values/measure.ts";
import type { Value } from "../values/value.ts";
import { utf8Text } from "../values/value_text.ts";
import { charge } from "./collections.ts";
import { type FunctionRow, row } from "./row.ts";

type Result = Value | EvaluationFault;

function encode(value: Value, budget: Budget): Result {
  const text = jsonText(value, { order: "sorted", maxLength: MAX_TEXT });
  return isFault(text) ? text : checkText(text, budget);
}

function decode(text: string, budget: Budget): Result {
  charge(budget, text.length);
  const value = parseJsonText(text);
  return isFault(value) ? value : countMade(value, budget) ?? value;
}

const WHITE_SPACE = /[\t\n\v\f\r ]+/g;

function decodeBase64(text: string, budget: Budget): Result {
  charge(budget, text.length);
  const bytes = fromBase64(text.replace(WHITE_SPACE, ""));
  return bytes === undefined ? fault("bad-value", "the text is no base64") : utf8Text(bytes);
}

/** Rules FN-36 to FN-39. */
export const JSON_ROWS: readonly FunctionRow[] = [
  row("FN-36", {
    name: "to_json",
    parameters: [["value", "any"]],
    result: "string",
    doc: "The JSON text of a value, keys sorted.",
    example: ["to_json({'b': [true, 2.0], 'a': 'é'})", `'{"a": "\\\\u00e9", "b": [true, 2.0]}'`],
    run: (budget, value) => encode(value, budget),
  }),
  row("FN-37", {
    name: "from_json",
    parameters: [["text", "string"]],
    result: "any",
    doc: "The value that a JSON text holds.",
    example: [`from_json('{"a": [1, null]}')`, "{'a': [1, null]}"],
    run: (budget, text) => decode(text, budget),
  }),
  row("FN-38", {
    name: "b64encode",
    parameters: [["text", "string"]],
    result: "string",
    doc: "The base64 form of a text in UTF-8.",
    example: ["b64encode('é')", "'w6k='"],
    run: (budget, text) => checkText(toBase64(new TextEncoder().encode(text)), budget),
  }),
  row("FN-38", {
    name: "b64encode",
    parameters: [["bytes", "bytes"]],
    result: "string",
    doc: "The base64 form of bytes.",
    example: ["b64encode(b'abc')", "'YWJj'"],
    run: (budget, bytes) => checkText(toBase64(bytes), budget),
  }),
  row("FN-39", {
    name: "b64decode",
    parameters: [["text", "string"]],
    result: "string",
    doc: "The text whose UTF-8 bytes stand in base64.",
    example: ["b64decode('w6k=')", "'é'"],
    run: (budget, text) => decodeBase64(text, budget),
  }),
];

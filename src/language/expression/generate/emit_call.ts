// SPDX-License-Identifier: Apache-2.0

import { resolveCall } from "../compile/compile_call.ts";
import { overloadsOf } from "../functions/library.ts";
import type { FunctionRow, ParameterType } from "../functions/row.ts";
import type { Call, Expr } from "../syntax/ast.ts";
import { type Code, GIVE_UP, guard } from "./code.ts";
import { emit, type Emitted, mustBeJson, type Site } from "./emit.ts";
import { type Known, type Operand, testOf } from "./operand.ts";

/** What no JSON is ever of, and what is boxed as a rule. */
const OPAQUE: ReadonlySet<ParameterType> = new Set<ParameterType>([
  "bytes",
  "double",
  "duration",
  "optional",
  "timestamp",
  "type",
  "uint",
]);

/** A call of a function: the same function as the closure calls, once the arguments fit. */
export function emitCall(call: Call, site: Site): Emitted {
  const { name, isMethod, args } = resolveCall(call, site.context);
  const rows = overloadsOf({ name, isMethod, argCount: args.length });
  const [first] = rows;
  if (first === undefined || name === "or" || name === "orValue") return "unsupported";
  if (rows.every(({ result }) => OPAQUE.has(result))) return "opaque";
  if (args.length === 0 || !isToldByFirst(rows)) return "unsupported";
  const values = emitAll(args, site);
  if (values === undefined) return "unsupported";
  return rows.length === 1
    ? emitRow(site.code, first, values)
    : emitChoice(site.code, rows, values);
}

function emitAll(args: readonly Expr[], site: Site): readonly Operand[] | undefined {
  const values: Operand[] = [];
  for (const arg of args) {
    const value = emit(arg, site);
    if (value === undefined) return undefined;
    values.push(value);
  }
  return values;
}

/** Whether the type of the first argument says which of the rows is meant. */
function isToldByFirst(rows: readonly FunctionRow[]): boolean {
  return new Set(rows.map(({ parameters }) => parameters[0]?.[1])).size === rows.length;
}

/** What a value of the type looks like, where one test tells. */
const KNOWN: Partial<Record<ParameterType, Exclude<Known, "json">>> = {
  bool: "boolean",
  int: "int",
  list: "list",
  map: "map",
  null: "null",
  string: "string",
};

/** Calls the function of a row; gives up for arguments of other types. */
function emitRow(code: Code, row: FunctionRow, args: readonly Operand[]): Operand {
  args.forEach((arg, place) => emitAccepted(code, row, { arg, place }));
  const texts = [0, 1, 2].map((place) => args[place]?.text ?? "null");
  const result = code.let(`${code.constant(row.run)}(budget, ${texts.join(", ")})`, "json");
  const known = KNOWN[row.result];
  if (known === "string" || known === "boolean") return guard(code, result, known);
  mustBeJson(code, result);
  // JSON of these types has one form only; a whole number has two.
  if (known === "list" || known === "map") code.learn(result, known);
  return result;
}

interface Argument {
  readonly arg: Operand;
  readonly place: number;
}

function emitAccepted(code: Code, row: FunctionRow, { arg, place }: Argument): void {
  const type = row.parameters[place]?.[1];
  const known = type && KNOWN[type];
  if (known !== undefined) guard(code, arg, known);
  else if (type !== "any") code.write(`if (!(${testFor(code, row, { arg, place })})) ${GIVE_UP}`);
}

/** The test of the closure itself; a simpler one where there is one. */
function testFor(code: Code, row: FunctionRow, { arg: { text }, place }: Argument): string {
  const type = row.parameters[place]?.[1];
  const known = type && KNOWN[type];
  const exact = `${code.constant(row.accepts[place])}(${text})`;
  if (known === "int") return `${testOf(text, known)} || ${exact}`;
  return known === undefined ? exact : testOf(text, known);
}

/** The first row that takes the first argument. */
function emitChoice(code: Code, rows: readonly FunctionRow[], args: readonly Operand[]): Operand {
  const [arg] = args as readonly [Operand];
  const known = code.known(arg);
  const meant = known === "json"
    ? undefined
    : rows.find(({ parameters: [first] }) =>
      first?.[1] === "any" || (first && KNOWN[first[1]] === known)
    );
  if (meant !== undefined) return emitRow(code, meant, args);
  const text = code.fresh();
  code.write(`let ${text};`);
  const results = rows.map((row, index) => {
    const test = row.parameters[0]?.[1] === "any" ? "true" : testFor(code, row, { arg, place: 0 });
    let result: Known = "json";
    code.block(`${index === 0 ? "" : "else "}if (${test})`, () => {
      const made = emitRow(code, row, args);
      result = code.known(made);
      code.write(`${text} = ${made.text};`);
    });
    return result;
  });
  code.write(`else ${GIVE_UP}`);
  return { text, known: new Set(results).size === 1 ? results[0] as Known : "json" };
}

// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import {
  compileExpression,
  createBudget,
  EvaluationFault,
  isFault,
  type JsonObject,
  type JsonValue,
  parseExpression,
  type Span,
  toJson,
} from "../language/mod.ts";
import { type CliCommand, outputOption, writeJson } from "./command.ts";
import { type CommandIo, EXIT } from "./command_io.ts";
import { readObjectFile } from "./read_objects.ts";

/** `koreo eval`: the value of one expression. */
export const evalCommand: CliCommand = {
  define: () =>
    new Command("eval")
      .description("evaluate one expression")
      .argument("<expression>", "an expression, with or without a leading =")
      .option("--inputs <file>", "YAML or JSON file that holds the variables")
      .addOption(outputOption())
      .addHelpText("after", "\nExample:\n  koreo eval 'inputs.size * 2' --inputs inputs.yaml"),
  async run([expression = ""], options, io) {
    const variables = options["inputs"] === undefined
      ? {}
      : await readObjectFile(String(options["inputs"]));
    const source = expression.replace(/^=+/, "");
    return report(evaluateSource(source, variables), source, options["output"] === "json", io);
  },
};

interface ExpressionError {
  readonly code: string;
  readonly message: string;
  readonly span: Span;
}

function evaluateSource(
  source: string,
  variables: JsonObject,
): { readonly value: JsonValue } | { readonly error: ExpressionError } {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") {
    const { code, message, span } = parsed.faults[0] ?? unknownFault(source);
    return { error: { code, message, span } };
  }
  const value = compileExpression(parsed.expression, source).evaluate(variables, createBudget());
  const json = isFault(value) ? value : toJson(value);
  return json instanceof EvaluationFault ? { error: errorOf(json) } : { value: json };
}

function errorOf(fault: EvaluationFault): ExpressionError {
  return { code: fault.code, message: fault.reason, span: fault.span };
}

function unknownFault(source: string): ExpressionError {
  return {
    code: "expression-syntax",
    message: "Cannot read the expression",
    span: { start: 0, end: source.length },
  };
}

function report(
  result: { readonly value: JsonValue } | { readonly error: ExpressionError },
  source: string,
  asJson: boolean,
  io: CommandIo,
): number {
  if ("value" in result) {
    writeJson(io, asJson ? { value: result.value } : result.value);
    return EXIT.fine;
  }
  const place = placeIn(source, result.error.span.start);
  if (asJson) writeJson(io, { error: { ...result.error, ...place } });
  else io.stderr(frame(source, result.error, place));
  return EXIT.findings;
}

function placeIn(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function frame(
  source: string,
  error: ExpressionError,
  { line, column }: { line: number; column: number },
): string {
  const text = source.split("\n")[line - 1] ?? "";
  const width = Math.max(1, Math.min(error.span.end - error.span.start, text.length - column + 1));
  return `${line}:${column} error ${error.code}\n${error.message}\n ${text}\n ${
    " ".repeat(column - 1)
  }${"^".repeat(width)}\n`;
}

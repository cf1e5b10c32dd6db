// SPDX-License-Identifier: Apache-2.0

import { Command } from "commander";
import {
  compileExpression,
  createBudget,
  EvaluationFault,
  isFault,
  isLongerThan,
  type JsonObject,
  type JsonValue,
  parseExpression,
  renderDiagnostic,
  type Span,
  toPlain,
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
    const result = evaluateText(expression, variables);
    return report(result, expression, options["output"] === "json", io);
  },
};

interface ExpressionError {
  readonly code: string;
  readonly message: string;
  readonly span: Span;
}

type Result = { readonly value: JsonValue } | { readonly error: ExpressionError };

/** Evaluates what stands after a leading `=`; places count from the start of the text all the same. */
function evaluateText(text: string, variables: JsonObject): Result {
  const source = text.replace(/^=+/, "");
  const result = evaluateSource(source, variables);
  if ("value" in result) return result;
  const { start, end } = result.error.span;
  const skipped = text.length - source.length;
  return { error: { ...result.error, span: { start: start + skipped, end: end + skipped } } };
}

function evaluateSource(source: string, variables: JsonObject): Result {
  const parsed = parseExpression(source);
  if (parsed.type === "failed") {
    const { code, message, span } = parsed.faults[0] ?? unknownFault(source);
    return { error: { code, message, span } };
  }
  const value = compileExpression(parsed.expression, source).evaluate(variables, createBudget());
  const json = isFault(value) ? value : toPlain(value);
  if (json instanceof EvaluationFault) return { error: errorOf(json, source) };
  if (!isLongerThan(json, MAX_SHOWN)) return { value: json };
  const message = `Cannot show the value: it has more than ${MAX_SHOWN} characters of JSON`;
  return { error: { code: "string-too-long", message, span: { start: 0, end: source.length } } };
}

/** A small value can repeat a part so often that its text has no end. */
const MAX_SHOWN = 64 * 1024 * 1024;

function errorOf({ code, reason, span }: EvaluationFault, source: string): ExpressionError {
  // A value that cannot be shown is the fault of the whole.
  const place = span.start < 0 ? { start: 0, end: source.length } : span;
  return { code, message: `Cannot evaluate: ${reason}`, span: place };
}

function unknownFault(source: string): ExpressionError {
  return {
    code: "expression-syntax",
    message: "Cannot read the expression",
    span: { start: 0, end: source.length },
  };
}

function report(
  result: Result,
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
  else io.stderr(`${frame(source, { ...result.error, ...place }, io.colour)}\n`);
  return EXIT.findings;
}

function placeIn(source: string, offset: number): { line: number; column: number } {
  const before = source.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The code frame of a diagnostic; the expression stands for the file. */
function frame(
  source: string,
  error: ExpressionError & { readonly line: number; readonly column: number },
  color: boolean,
): string {
  const { span, line, column } = error;
  const text = source.split("\n")[line - 1] ?? "";
  const excerpt = { text, endColumn: column + span.end - span.start };
  return renderDiagnostic({ ...error, file: "expression", severity: "error", excerpt }, { color });
}

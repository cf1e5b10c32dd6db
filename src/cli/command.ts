// SPDX-License-Identifier: Apache-2.0

import { type Command, Option, type OptionValues } from "commander";
import { type CommandIo, UsageError } from "./command_io.ts";

/** One command of the program. */
export interface CliCommand {
  /** Its name, arguments and options. */
  define(): Command;
  /** Does it and returns the exit code. */
  run(args: readonly string[], options: OptionValues, io: CommandIo): Promise<number>;
}

/** `-o json` for programs, text for people. */
export function outputOption(): Option {
  return new Option("-o, --output <format>", "text for people, json for programs")
    .choices(["text", "json"])
    .default("text");
}

/** An option that can also be given as a `KOREO_…` variable, after its own name. */
export function setting(flags: string, description: string): Option {
  const name = /--([a-z-]+)/.exec(flags)?.[1] ?? "";
  return new Option(flags, description).env(`KOREO_${name.replaceAll("-", "_").toUpperCase()}`);
}

/**
 * Reads a whole number.
 *
 * @throws {UsageError} If it is none, or out of its range
 */
export function wholeNumber(
  name: string,
  text: string,
  range: { readonly from: number; readonly to: number },
): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= range.from && value <= range.to) return value;
  throw new UsageError(
    `Cannot use "${text}" for ${name}: expected a whole number from ${range.from} to ${range.to}`,
  );
}

/** Writes the one JSON document of a command. */
export function writeJson(io: CommandIo, document: unknown): void {
  io.stdout(`${exactJson(document, 2)}\n`);
}

/** JSON text with whole numbers beyond the safe range exactly. */
export function exactJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, rawBigint, indent);
}

/** What the runtime has and the type library does not know yet. */
const { rawJSON } = JSON as typeof JSON & { rawJSON(text: string): unknown };

function rawBigint(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? rawJSON(value.toString()) : value;
}

// SPDX-License-Identifier: Apache-2.0

import type { LogEntry, Logger } from "../runtime/ports.ts";

/** How log lines look: for people, or one JSON object a line for programs. */
export type LogFormat = "text" | "json";

/** The levels, lowest first. */
const LOG_LEVELS = ["debug", "info", "warn", "error"] as const;

/** Where lines go and which of them. */
export interface LogSettings {
  readonly format: LogFormat;
  readonly level: LogEntry["level"];
  /** Milliseconds since 1970. */
  now(): number;
  write(line: string): void;
}

/**
 * A logger that writes one line an entry.
 *
 * @param settings Format, lowest level that is written, clock and sink
 * @returns A logger; it never throws
 */
export function createLogger(settings: LogSettings): Logger {
  const lowest = LOG_LEVELS.indexOf(settings.level);
  const render = settings.format === "json" ? jsonLine : textLine;
  return {
    log(entry) {
      if (LOG_LEVELS.indexOf(entry.level) < lowest) return;
      settings.write(render(entry, new Date(settings.now()).toISOString()));
    },
  };
}

function jsonLine(entry: LogEntry, time: string): string {
  const { level, message, fields } = entry;
  return JSON.stringify({ time, level, message, ...fields }, bigintAsText);
}

function textLine(entry: LogEntry, time: string): string {
  const fields = Object.entries(entry.fields ?? {})
    .map(([key, value]) => ` ${key}=${fieldText(value)}`)
    .join("");
  return `${time} ${entry.level.toUpperCase().padEnd(5)} ${entry.message}${fields}`;
}

function fieldText(value: unknown): string {
  if (typeof value === "string" && /^[\w.:/@-]+$/.test(value)) return value;
  return JSON.stringify(value, bigintAsText);
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}

// SPDX-License-Identifier: Apache-2.0

import { UsageError } from "../../src/cli/command_io.ts";
import { parseConfiguration } from "../../src/cli/read_configuration.ts";

/** What is said of the text of a configuration, line by line, without code frames. */
export function faultsOf(text: string, path: string): readonly string[] {
  try {
    parseConfiguration(text, path);
    return [];
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.message.split("\n").filter((line) => !FRAME.test(line));
  }
}

/** A line of a code frame: a number or room for it, and a bar. */
const FRAME = /^ +(?:\d+ )?\|/;

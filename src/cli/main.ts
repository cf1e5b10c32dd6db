// SPDX-License-Identifier: Apache-2.0

import { Command, CommanderError } from "commander";
import { ControllerError } from "../adapters/controller_client.ts";
import { ListenError } from "../adapters/http_server.ts";
import { ClusterConfigError } from "../adapters/kubernetes/mod.ts";
import { ClusterError, RepositoryError } from "../runtime/ports.ts";
import { type CommandIo, EXIT, UsageError } from "./command_io.ts";
import { COMMANDS } from "./commands.ts";
import { optionsOf } from "./configuration_options.ts";

/** The version that `--version` says. */
export const VERSION = "0.1.0";

/**
 * Runs one command line.
 *
 * @param args Arguments after the program's name
 * @param io Where the command speaks, and the signal that ends it
 * @returns The exit code: 0 fine, 1 findings or failures, 2 wrong usage, 3 the world failed. Never
 * throws for what a user, a repository or a cluster can cause
 */
export async function main(args: readonly string[], io: CommandIo): Promise<number> {
  let exitCode: number = EXIT.fine;
  const program = createProgram(io, (code) => exitCode = code);
  try {
    await program.parseAsync(withoutSeparator(args), { from: "user" });
    return exitCode;
  } catch (error) {
    return reportFailure(error, io);
  }
}

/** `deno task koreo -- test` hands the dashes on, and after them nothing would be an option. */
function withoutSeparator(args: readonly string[]): readonly string[] {
  return args[0] === "--" ? args.slice(1) : args;
}

function createProgram(io: CommandIo, exit: (code: number) => void): Command {
  const program = new Command("koreo")
    .description("Runs Koreo, the meta-controller language for Kubernetes, out of a Git repository")
    .version(VERSION)
    .exitOverride()
    .showHelpAfterError("(koreo help shows every command)")
    .configureOutput({ writeOut: io.stdout, writeErr: io.stderr });
  for (const { define, run } of COMMANDS) {
    const command = define().exitOverride().configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
    });
    command.showHelpAfterError(`(koreo ${command.name()} --help shows its options)`);
    command.action(async () => exit(await run(command.args, optionsOf(command), io)));
    program.addCommand(command);
  }
  return program;
}

/** What a cluster or a repository can do to a command. */
function isOfTheWorld(error: unknown): error is Error {
  return [ClusterError, ClusterConfigError, ControllerError, ListenError, RepositoryError].some(
    (type) => error instanceof type,
  );
}

function reportFailure(error: unknown, io: CommandIo): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.fine : EXIT.usage;
  if (error instanceof UsageError) {
    io.stderr(`error: ${error.message}\n`);
    return EXIT.usage;
  }
  if (isOfTheWorld(error)) {
    io.stderr(`error: ${error.message}\n`);
    return EXIT.world;
  }
  if (io.signal.aborted) return EXIT.world;
  throw error;
}

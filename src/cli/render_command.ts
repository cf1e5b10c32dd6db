// SPDX-License-Identifier: Apache-2.0

import { Command, Option, type OptionValues } from "commander";
import { isJsonList, member, type Outcome, type Program, type Workflow } from "../language/mod.ts";
import { type Rendered, renderWorkflow } from "../testing/mod.ts";
import { type CliCommand, exactJson, outputOption, writeJson } from "./command.ts";
import { type CommandIo, EXIT, UsageError } from "./command_io.ts";
import { readObjectFile, readObjects } from "./read_objects.ts";
import { addSourceOptions, readProgram } from "./read_program.ts";
import { writeFaults } from "./write_diagnostics.ts";

/** Runs of `--until-stable`, as FW-20 has it. */
const MAX_RUNS = 300;

/** `koreo render`: what a Workflow would do for a trigger. */
export const renderCommand: CliCommand = {
  define: () =>
    addSourceOptions(
      new Command("render")
        .description("run a Workflow for a trigger file, against nothing but what is given")
        .argument("<workflow>", "name of the Workflow")
        .argument("[paths...]", "files, directories, or one repository's URL (default: .)")
        .requiredOption("--parent <file>", "the trigger")
        .addOption(resourcesOption())
        .option("--runs <number>", "how often it is run", "1")
        .option("--until-stable", "run until nothing changes any more")
        .addOption(outputOption()),
    ),
  async run([name = "", ...paths], options, io) {
    const { program, diagnostics } = await readProgram(sourcePaths(paths), options, io);
    if (program.find("Workflow", name).type !== "ready") writeFaults(diagnostics, io);
    const rendered = await renderWorkflow({
      program,
      workflow: workflowNamed(program, name),
      parent: await readObjectFile(String(options["parent"])),
      resources: await readAll(options),
      runs: runsOf(options),
      signal: io.signal,
    });
    if (options["output"] === "json") writeJson(io, documentOf(rendered));
    else writeText(rendered, io);
    return rendered.outcome.type === "PermFail" ? EXIT.findings : EXIT.fine;
  },
};

/** One file each time: an option that takes all that follows would take the paths, too. */
function resourcesOption(): Option {
  return new Option("--resources <file>", "what the cluster holds; may be given several times")
    .argParser((path: string, before: readonly string[] | undefined) => [...before ?? [], path]);
}

/** The directory one is in, unless paths are given. */
function sourcePaths(paths: readonly (string | readonly string[])[]): readonly string[] {
  return paths.length === 0 ? ["."] : paths.flat();
}

function workflowNamed(program: Program, name: string): Workflow {
  const found = program.find("Workflow", name);
  switch (found.type) {
    case "ready":
      return found.definition;
    case "broken":
      throw new UsageError(
        `Cannot render Workflow "${name}": it is broken, or what it reaches is`,
      );
    case "missing": {
      const names = program.definitions.flatMap(({ id }) =>
        id.kind === "Workflow" ? [`"${id.name}"`] : []
      );
      throw new UsageError(
        `Cannot render Workflow "${name}": there is none of this name; there are ${
          names.join(", ") || "none at all"
        }`,
      );
    }
  }
}

async function readAll(options: OptionValues) {
  const files: readonly string[] = options["resources"] ?? [];
  return (await Promise.all(files.map(readObjects))).flat();
}

function runsOf(options: OptionValues): number {
  if (options["untilStable"] === true) {
    if (options["runs"] === "1") return MAX_RUNS;
    throw new UsageError("Cannot use --runs together with --until-stable: give one of them");
  }
  const runs = Number(options["runs"]);
  if (Number.isInteger(runs) && runs >= 1 && runs <= MAX_RUNS) return runs;
  throw new UsageError(
    `Cannot use "${options["runs"]}" for --runs: expected a whole number from 1 to ${MAX_RUNS}`,
  );
}

/** An outcome as CONTRACTS.md states it: `delay` in seconds, no place in a definition. */
function outcomeJson(outcome: Outcome): object {
  if (outcome.type === "Ok") return outcome;
  const { type, message, location } = outcome;
  return {
    type,
    ...(message === undefined ? {} : { message }),
    ...(location === undefined ? {} : { location }),
    ...(outcome.type === "Retry" ? { delay: outcome.delaySeconds } : {}),
  };
}

function documentOf(rendered: Rendered) {
  const steps = Object.entries(rendered.steps).map(([label, outcome]) => [
    label,
    outcomeJson(outcome),
  ]);
  return {
    ...rendered,
    outcome: outcomeJson(rendered.outcome),
    steps: Object.fromEntries(steps),
  };
}

function writeText(rendered: Rendered, io: CommandIo): void {
  const { workflow, runs, stable, outcome, steps, conditions, calls, objects } = rendered;
  const times = runs === 1 ? "1 run" : `${runs} runs`;
  io.stdout(`${workflow}: ${outcome.type} after ${times}${stable ? ", stable" : ""}\n\nsteps\n`);
  for (const [label, step] of Object.entries(steps)) {
    const message = step.type === "Ok" ? "" : step.message ?? "";
    io.stdout(`  ${label.padEnd(16)} ${step.type.padEnd(8)} ${message}`.trimEnd() + "\n");
  }
  io.stdout("\nconditions\n");
  for (const condition of isJsonList(conditions) ? conditions : []) {
    const [type, status, reason, message] = ["type", "status", "reason", "message"]
      .map((key) => String(member(condition, key)));
    io.stdout(`  ${type?.padEnd(16)} ${status?.padEnd(8)} ${reason}: ${message}\n`);
  }
  io.stdout("\ncalls\n");
  for (const { verb, kind, namespace, name } of calls) {
    if (verb === "GET") continue;
    io.stdout(`  ${String(verb).padEnd(6)} ${kind} ${place(namespace, name)}\n`);
  }
  io.stdout(`\nstate\n  ${exactJson(rendered.state)}\n\nobjects\n`);
  for (const { kind, metadata } of objects) {
    const { namespace, name } = metadata as { readonly namespace?: string; readonly name: string };
    io.stdout(`  ${kind} ${place(namespace, name)}\n`);
  }
}

function place(namespace: unknown, name: unknown): string {
  return namespace === undefined ? String(name) : `${namespace}/${name}`;
}

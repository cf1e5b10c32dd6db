// SPDX-License-Identifier: Apache-2.0

import { type Command, Option, type OptionValues } from "commander";
import { openRepository } from "../adapters/git/mod.ts";
import { createRevisionLoader } from "../controller/mod.ts";
import type { CompileOptions, Program } from "../language/mod.ts";
import { RepositoryError } from "../runtime/ports.ts";
import { type CommandIo, UsageError } from "./command_io.ts";
import { gitOptions, gitSettings, sourceLocation } from "./git_settings.ts";
import { addNamespaceOptions, namespaceRules } from "./namespace_rules.ts";
import { createProgramReader, type ReadProgram, skippedFile } from "./program_reader.ts";
import { repositoryPath } from "./repository_path.ts";

export type { ReadProgram };

/** Adds what every command takes that reads definitions. */
export function addSourceOptions(command: Command): Command {
  const made = gitOptions().reduce((all, option) => all.addOption(option), command)
    .option("--branch <name>", "of a repository that is given by URL", "main")
    .addOption(
      new Option("--path <dir>", "directory inside a repository that is given by URL")
        .default("", "its root"),
    );
  return addNamespaceOptions(made);
}

/** What a reading takes: who ends it, and who sees what the expressions come to. */
type ReadIo = Pick<CommandIo, "signal"> & Pick<CompileOptions, "observer">;

/**
 * Reads the definitions at some paths, or in one repository that is given by URL.
 *
 * @throws {UsageError} If nothing is given, or a URL beside other paths
 * @throws {RepositoryError} If the repository cannot be read
 */
export function readProgram(
  paths: readonly string[],
  options: OptionValues,
  io: ReadIo,
): Promise<ReadProgram> {
  const [first] = paths;
  if (first === undefined) {
    throw new UsageError("Cannot read definitions: give files, directories or a repository's URL");
  }
  if (!paths.some(isUrl)) {
    checkFileOptions(options);
    return createProgramReader(paths, options, io).read(io);
  }
  if (paths.length > 1) {
    throw new UsageError(`Cannot read "${first}" beside other paths: give one repository alone`);
  }
  return readRepository(first, options, io);
}

/**
 * Files have no branches: whoever names one means a repository.
 *
 * @throws {UsageError} If an option says something of a repository
 */
export function checkFileOptions({ branch = "main", path = "" }: OptionValues): void {
  const flag = branch === "main" ? path === "" ? undefined : "--path" : "--branch";
  if (flag === undefined) return;
  throw new UsageError(`Cannot use ${flag} for files: it is of a repository that is given by URL`);
}

/** Whether a path is the URL of a repository. */
export function isUrl(path: string): boolean {
  return /^(?:https?|ssh):\/\//i.test(path);
}

async function readRepository(
  url: string,
  options: OptionValues,
  { signal, observer }: ReadIo,
): Promise<ReadProgram> {
  if (!URL.canParse(url)) throw new UsageError("Cannot read the URL of the repository");
  const [directory, rules] = [repositoryPath(options["path"]), namespaceRules(options)];
  const git = gitSettings(options);
  const repository = openRepository(sourceLocation(url, git), git);
  try {
    await repository.fetch({ signal });
    const branch = String(options["branch"]);
    const commit = await repository.resolve(branch, { signal });
    if (commit === undefined) {
      throw new RepositoryError(
        "no-such-revision",
        `Cannot read "${branch}": the repository has no such branch, tag or commit`,
      );
    }
    const loader = createRevisionLoader({
      repository,
      directory,
      ...rules,
      ...observer ? { observer } : {},
    });
    const { program, diagnostics, skipped } = await loader.load(commit, { signal });
    const leftOut = skipped.map(skippedFile);
    return { program, diagnostics: [...leftOut, ...diagnostics], files: filesOf(program) };
  } finally {
    repository.close();
  }
}

function filesOf(program: Program): number {
  return new Set(program.definitions.map(({ source }) => source.file)).size;
}

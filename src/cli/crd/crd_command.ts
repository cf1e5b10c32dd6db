// SPDX-License-Identifier: Apache-2.0

import { Command, Option, type OptionValues } from "commander";
import { type JsonObject, type Program, type Workflow, yamlText } from "../../language/mod.ts";
import { type CliCommand, writeJson } from "../command.ts";
import { type CommandIo, EXIT, UsageError } from "../command_io.ts";
import { addSourceOptions, readProgram } from "../read_program.ts";
import { definitionKinds } from "./definition_kinds.ts";
import { triggerKind } from "./trigger_kind.ts";

/** `koreo crd`: what makes a cluster take definitions, or the triggers of a Workflow. */
export const crdCommand: CliCommand = {
  define: () =>
    addSourceOptions(
      new Command("crd")
        .description(
          "print the CustomResourceDefinitions of definitions, or of a Workflow's trigger",
        )
        .argument("[workflow]", "name of a Workflow (default: the five kinds of koreo.dev)")
        .argument("[paths...]", "files, directories, or one repository's URL (default: .)")
        .option("--plural <name>", "name of the trigger kind in API paths (default: from its kind)")
        .addOption(
          new Option("--scope <scope>", "of the trigger kind")
            .choices(["Namespaced", "Cluster"]).default("Namespaced"),
        )
        .addOption(
          new Option("-o, --output <format>", "yaml or json, kubectl takes both")
            .choices(["yaml", "json"]).default("yaml"),
        ),
    ),
  async run([name, ...paths], options, io) {
    if (name === undefined) checkNoTrigger(options);
    const definitions = name === undefined
      ? definitionKinds()
      : [await kindOfTrigger(name, paths, { options, io })];
    if (options["output"] === "json") {
      writeJson(io, { apiVersion: "v1", kind: "List", items: definitions });
    } else {
      io.stdout(definitions.map((definition) => yamlText(definition)).join("---\n"));
    }
    return EXIT.fine;
  },
};

/** The five kinds are as they are. */
function checkNoTrigger({ plural, scope }: OptionValues): void {
  const flag = plural !== undefined ? "--plural" : scope === "Namespaced" ? undefined : "--scope";
  if (flag === undefined) return;
  throw new UsageError(
    `Cannot use ${flag} without a Workflow: it is about the kind of its triggers`,
  );
}

async function kindOfTrigger(
  name: string,
  paths: readonly (string | readonly string[])[],
  { options, io }: { readonly options: OptionValues; readonly io: CommandIo },
): Promise<JsonObject> {
  const given = paths.flat();
  const { program } = await readProgram(given.length === 0 ? ["."] : given, options, io);
  const { plural, scope } = options;
  if (plural !== undefined && !/^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/.test(plural)) {
    throw new UsageError(
      `Cannot use "${plural}" for --plural: expected lower-case letters, digits and dashes`,
    );
  }
  return triggerKind(workflowWithTrigger(program, name), {
    scope,
    ...(plural === undefined ? {} : { plural }),
  });
}

/** The Workflow, sound or not: its steps are known as far as it can be read. */
function workflowWithTrigger(
  program: Program,
  name: string,
): Pick<Workflow, "steps"> & { readonly crdRef: NonNullable<Workflow["crdRef"]> } {
  const found = program.winner("Workflow", name);
  if (found === undefined) {
    const names = program.definitions.flatMap(({ id }) =>
      id.kind === "Workflow" ? [`"${id.name}"`] : []
    );
    const there = names.join(", ") || "none at all";
    throw new UsageError(
      `Cannot find Workflow "${name}": there is none of this name; there are ${there}`,
    );
  }
  const crdRef = found.type === "Workflow" ? found.crdRef : brokenCrdRef(found);
  const steps = found.type === "Workflow" ? found.steps : [];
  if (crdRef !== undefined && crdRef.apiGroup !== "") return { crdRef, steps };
  const why = crdRef === undefined
    ? 'it has no "crdRef"'
    : `its trigger ${crdRef.kind} is of the core group, which Kubernetes defines`;
  throw new UsageError(`Cannot define the trigger kind of Workflow "${name}": ${why}`);
}

function brokenCrdRef(found: NonNullable<ReturnType<Program["winner"]>>): Workflow["crdRef"] {
  return found.type === "Broken" ? found.workflow?.crdRef : undefined;
}

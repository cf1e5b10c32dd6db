// SPDX-License-Identifier: Apache-2.0

/**
 * Fails when an import points against the layer order.
 *
 * Usage: `deno run --allow-read --allow-run=deno tools/check_layers.ts [--root DIR] ENTRY...`
 *
 * @module
 */

// deno-lint-ignore-file no-console -- a tool speaks to the terminal

import { parseArgs } from "node:util";
import { pathToFileURL } from "node:url";

const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  language: [],
  runtime: ["language"],
  simulator: ["language", "runtime"],
  controller: ["language", "runtime"],
  testing: ["language", "runtime", "simulator", "controller"],
  adapters: ["language", "runtime"],
  cli: ["language", "runtime", "simulator", "controller", "testing", "adapters"],
  root: ["language", "runtime", "simulator", "controller", "testing", "adapters", "cli"],
};

/** What `deno info --json` says of one module. */
export interface GraphModule {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly code?: { readonly specifier?: string };
    readonly type?: { readonly specifier?: string };
  }[];
}

/**
 * The imports of a module graph that point against the layer order, as sentences.
 *
 * @param modules Modules of the graph, by their file URLs
 * @param root File URL of the project's root, with a closing slash
 * @returns One sentence per import, sorted; empty when all is well. Never throws
 */
export function layerViolations(
  modules: readonly GraphModule[],
  root: string,
): readonly string[] {
  const violations = new Set<string>();
  for (const module of modules) {
    for (const target of targetsOf(module)) {
      const from = layerOf(module.specifier, root);
      const to = layerOf(target, root);
      if (from === undefined || to === undefined || from === to) continue;
      if (MAY_IMPORT[from]?.includes(to)) continue;
      violations.add(
        `${module.specifier.slice(root.length)} (${from}) imports ` +
          `${target.slice(root.length)} (${to})`,
      );
    }
  }
  return [...violations].sort();
}

function targetsOf(module: GraphModule): readonly string[] {
  return (module.dependencies ?? []).flatMap((dependency) =>
    [dependency.code?.specifier, dependency.type?.specifier].filter((target) =>
      target !== undefined
    )
  );
}

function layerOf(specifier: string, root: string): string | undefined {
  if (!specifier.startsWith(root)) return undefined;
  const path = specifier.slice(root.length);
  return path.startsWith("src/") ? path.split("/")[1] : "root";
}

async function graphOf(entry: string): Promise<readonly GraphModule[]> {
  const command = new Deno.Command(Deno.execPath(), { args: ["info", "--json", entry] });
  const { success, stdout, stderr } = await command.output();
  if (!success) {
    throw new TypeError(`Cannot read the graph of ${entry}: ${new TextDecoder().decode(stderr)}`);
  }
  const graph = JSON.parse(new TextDecoder().decode(stdout)) as {
    readonly modules: readonly (GraphModule & { readonly error?: string })[];
  };
  const missing = graph.modules.find((module) => module.error !== undefined);
  if (missing !== undefined) throw new TypeError(`Cannot load ${entry}: ${missing.error}`);
  return graph.modules;
}

if (import.meta.main) {
  const { values, positionals } = parseArgs({
    args: Deno.args,
    options: { root: { type: "string", default: new URL("..", import.meta.url).pathname } },
    allowPositionals: true,
  });
  const root = pathToFileURL(`${values.root.replace(/\/$/, "")}/`).href;
  const graphs = await Promise.all(positionals.map(graphOf));
  const violations = layerViolations(graphs.flat(), root);
  for (const violation of violations) {
    console.error(`Cannot import against the layer order: ${violation}`);
  }
  if (violations.length > 0) Deno.exit(1);
}

// SPDX-License-Identifier: Apache-2.0

import {
  compileProgram,
  type JsonObject,
  type Outcome,
  type Program,
  readDocuments,
} from "../../src/language/mod.ts";
import {
  type Owner,
  parentOf,
  type ResourceApi,
  runWorkflow,
  type WorkflowRun,
} from "../../src/runtime/mod.ts";
import type { KubernetesObject } from "../../src/runtime/ports.ts";
import { ready } from "./compiled.ts";
import { runContext } from "./definitions.ts";
import { type Call, createMemoryApi, type MemoryApi } from "./memory_api.ts";

/** What definitions are run with. */
export interface RunSetup {
  readonly objects?: readonly KubernetesObject[];
  readonly cluster?: MemoryApi;
  /** The trigger; it owns what is made when it has a uid. */
  readonly trigger?: JsonObject;
  /** Inputs of the function `f`, when there is no Workflow `w`. */
  readonly inputs?: JsonObject;
}

/** A run and what it asked of the cluster. */
export interface DefinitionsRun {
  readonly program: Program;
  readonly workflow: WorkflowRun;
  /** The outcome of a step, without its source; by default of the step that runs `f`. */
  outcome(label?: string): Outcome | undefined;
  /** Verb and name of each request, in order. */
  readonly calls: readonly string[];
  readonly writes: readonly Call[];
  readonly cluster: MemoryApi;
  /** Plurals of the paths that were asked for. */
  readonly plurals: readonly string[];
}

/** The Program of definitions whose `apiVersion` is left out, with a Workflow `w` around `f`. */
export function programOf(text: string, inputs: JsonObject = {}): Program {
  const documents = text.split(/^---\n/m).map((one) => one.trim());
  const kind = /kind: (\w+)\nmetadata: \{name: f\}/.exec(text)?.[1];
  if (!text.includes("metadata: {name: w}") && kind !== undefined) {
    documents.push(
      "kind: Workflow\nmetadata: {name: w}\n" +
        `spec: {steps: [{label: call, ref: {kind: ${kind}, name: f}, inputs: ${
          JSON.stringify(inputs)
        }}]}`,
    );
  }
  const whole = documents.map((one) => `apiVersion: koreo.dev/v1beta1\n${one}\n`).join("---\n");
  return compileProgram(readDocuments({ path: "test.koreo", text: whole }));
}

/** Runs the Workflow `w`, or the function `f` in one. */
export async function runDefinitions(
  text: string,
  setup: RunSetup = {},
): Promise<DefinitionsRun> {
  const program = programOf(text, setup.inputs);
  const cluster = setup.cluster ?? createMemoryApi(setup.objects);
  const plurals: string[] = [];
  const trigger = setup.trigger ?? {};
  const workflow = await runWorkflow(
    ready(program, "Workflow", "w"),
    { parent: parentOf(trigger), ...ownerOf(trigger) },
    runContext({ program, cluster: notingPlurals(cluster, plurals) }),
  );
  return {
    program,
    workflow,
    outcome(label = "call") {
      const found = workflow.steps.get(label)?.outcome as Outcome & { source?: unknown };
      if (found === undefined) return undefined;
      const { source: _, ...bare } = found;
      return bare as Outcome;
    },
    calls: cluster.calls.map(({ verb, name }) => `${verb} ${name}`),
    writes: cluster.calls.filter(({ verb }) => verb !== "GET"),
    cluster,
    plurals,
  };
}

function notingPlurals(cluster: MemoryApi, plurals: string[]): ResourceApi {
  return {
    ...cluster,
    get(path, options) {
      plurals.push(path.plural);
      return cluster.get(path, options);
    },
  };
}

function ownerOf(trigger: JsonObject): { readonly owner?: Owner } {
  const metadata = trigger.metadata as JsonObject | undefined;
  if (metadata?.uid === undefined) return {};
  const { apiVersion, kind } = trigger;
  return { owner: { apiVersion, kind, ...metadata } as unknown as Owner };
}

// SPDX-License-Identifier: Apache-2.0

import {
  type BrokenDefinition,
  type Definition,
  definitionKey,
  type DefinitionKind,
  type Diagnostic,
  type Program,
} from "../../../src/language/mod.ts";
import type { CrdRef } from "../../../src/controller/channels/channels.ts";

/** One definition, as far as the gate looks at it. */
export interface FakeDefinition {
  readonly kind: DefinitionKind;
  readonly name: string;
  /** Default: `default`. What stands first in the list has the higher priority. */
  readonly namespace?: string;
  /** What its content is; another text is another digest. */
  readonly content?: string;
  readonly isBroken?: boolean;
  /** Whether it refers to something that does not exist. */
  readonly isUnresolved?: boolean;
  /** Trigger kind of a Workflow. */
  readonly crd?: string;
  /** Names of ValueFunctions that it uses, or that a FunctionTest tests. */
  readonly uses?: readonly string[];
}

const NAMESPACE = "default";

/** The trigger kind of a name. */
export function crdRefOf(kind: string): CrdRef {
  return { apiGroup: "example.com", version: "v1", kind };
}

/**
 * A Program for tests of what is above the language: it knows who uses whom and whose content is
 * what, and cannot run. Each definition stands in a file of its own.
 */
export function fakeProgram(
  definitions: readonly FakeDefinition[],
  more: readonly Diagnostic[] = [],
): Program {
  const made = definitions.map(madeOf);
  const diagnostics = [
    ...made.flatMap((one) => one.type === "Broken" ? one.diagnostics : []),
    ...definitions.filter((one) => one.isUnresolved).map((one) =>
      fakeDiagnostic(one, "unresolved")
    ),
    ...more,
  ];
  const winner = (kind: DefinitionKind, name: string) =>
    made.find(({ id }) => id.kind === kind && id.name === name);
  const reach = (kind: DefinitionKind, name: string): ReadonlySet<string> => {
    const own = definitions.find((one) => one.kind === kind && one.name === name);
    return new Set([
      definitionKey({ kind, namespace: own?.namespace ?? NAMESPACE, name }),
      ...(own?.uses ?? []).flatMap((used) => [...reach("ValueFunction", used)]),
    ]);
  };
  const digests = new Map(made.map((one) => [definitionKey(one.id), one.digest]));
  const program: Program = {
    digest: [...digests].join(),
    namespaces: [NAMESPACE],
    diagnostics,
    definitions: made,
    find: () => ({ type: "missing" }),
    winner,
    startingAt: () => program,
    reach,
    reachDigest: (kind, name) =>
      [...reach(kind, name)].map((key) => `${key}=${digests.get(key)}`).join(),
  };
  return program;
}

/** A diagnostic that stands in a definition. */
export function fakeDiagnostic(
  { kind, name }: Pick<FakeDefinition, "kind" | "name">,
  severity: Diagnostic["severity"] = "error",
): Diagnostic {
  const code = severity === "error" ? "bad-value" : "unknown-reference";
  const message = `Cannot use ${kind} "${name}"`;
  return { severity, code, message, file: fileOf(kind, name), line: 3, column: 1 };
}

function fileOf(kind: string, name: string): string {
  return `${kind}.${name}.k.yaml`;
}

function madeOf(fake: FakeDefinition): Definition | BrokenDefinition {
  const { kind, name, uses = [] } = fake;
  const crdRef = fake.crd === undefined ? undefined : crdRefOf(fake.crd);
  const base = {
    id: { kind, namespace: fake.namespace ?? NAMESPACE, name },
    digest: `${fake.content ?? ""} ${fake.crd ?? ""} ${fake.isBroken ?? false}`,
    source: { file: fileOf(kind, name), line: 1, column: 1 },
  };
  const functionRef = { kind: "ValueFunction" as const, name: uses[0] ?? "" };
  if (fake.isBroken) {
    return {
      ...base,
      type: "Broken",
      diagnostics: [fakeDiagnostic(fake)],
      workflow: { stepErrors: [], ...(crdRef === undefined ? {} : { crdRef }) },
      ...(kind === "FunctionTest" ? { test: { functionRef, cases: [] } } : {}),
    };
  }
  switch (kind) {
    case "Workflow":
      return {
        ...base,
        type: "Workflow",
        ...(crdRef === undefined ? {} : { crdRef }),
        steps: [],
        executionOrder: [],
        neededInputs: [],
        stepErrors: [],
      };
    case "FunctionTest":
      return {
        ...base,
        type: "FunctionTest",
        functionRef,
        inputs: {},
        currentResources: [],
        testCases: [],
      };
    default:
      return {
        ...base,
        type: "ValueFunction",
        preconditions: [],
        locals: [],
        neededInputs: [],
      };
  }
}

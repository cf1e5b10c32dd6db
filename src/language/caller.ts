// SPDX-License-Identifier: Apache-2.0

import type { Decoding } from "./decoder.ts";
import { type DocumentPart, partsOf } from "./document_part.ts";
import type { Definition, DefinitionKind, Step } from "./definition.ts";
import { pathText, pathTo } from "./document_path.ts";
import { type DiagnosticSpot, spotAt } from "./report_diagnostic.ts";
import { entryOf, type SourceNode } from "./source_node.ts";
import type { VariableUse } from "./variable_use.ts";

/** A reference by name to another definition. */
export interface Reference {
  readonly kind: DefinitionKind;
  readonly name: string;
  readonly spot: DiagnosticSpot;
}

/** A part of a definition that refers to others: a step, an overlay, a template, a test. */
export interface Caller {
  readonly type: "step" | "overlay" | "template" | "test";
  /** Several in a switch. */
  readonly references: readonly Reference[];
  /** The inputs it gives by name. */
  readonly given: readonly { readonly name: string; readonly spot: DiagnosticSpot }[];
  /** Inputs that are given without being named, such as the item of a `forEach`. */
  readonly implied: readonly string[];
  /** Inputs that its own expressions read. */
  readonly readHere: readonly string[];
  /** Where a missing input is to be added. */
  readonly spot: DiagnosticSpot;
  readonly step?: Pick<Step, "label" | "isConfigStep">;
}

/** What a definition refers to. */
export interface Callers {
  readonly callers: readonly Caller[];
  /** Whether a template name is computed, so that every ResourceTemplate may be meant. */
  readonly hasComputedTemplate: boolean;
}

/** The references of a sound definition. */
export function callersOf(
  definition: Definition,
  spec: DocumentPart,
  decoding: Decoding,
): Callers {
  const find = (...path: (string | number)[]) => partAt(spec, path);
  switch (definition.type) {
    case "ValueFunction":
    case "ResourceTemplate":
      return { callers: [], hasComputedTemplate: false };
    case "FunctionTest": {
      const { kind, name } = definition.functionRef;
      const spot = spotOf(find("functionRef", "name"), decoding);
      return {
        callers: [{ ...NOTHING_GIVEN, type: "test", references: [{ kind, name, spot }], spot }],
        hasComputedTemplate: false,
      };
    }
    case "ResourceFunction": {
      const name = definition.base.type === "templateRef"
        ? definition.base.name.constant
        : undefined;
      const spot = spotOf(find("resourceTemplateRef", "name"), decoding);
      const template = { ...NOTHING_GIVEN, type: "template", spot } as const;
      return {
        callers: [
          ...(typeof name === "string"
            ? [{ ...template, references: [{ kind: "ResourceTemplate", name, spot } as const] }]
            : []),
          ...definition.overlays.flatMap((entry, index): Caller[] =>
            entry.type === "inline"
              ? []
              : [overlayCaller(entry.name, find("overlays", index), decoding)]
          ),
        ],
        hasComputedTemplate: definition.base.type === "templateRef" && name === undefined,
      };
    }
    case "Workflow": {
      const offset = definition.steps[0]?.isConfigStep ? 1 : 0;
      const callers = definition.steps.map((step, index) =>
        stepCaller(
          step,
          step.isConfigStep ? find("configStep") : find("steps", index - offset),
          decoding,
        )
      );
      return { callers, hasComputedTemplate: false };
    }
  }
}

const NOTHING_GIVEN = { given: [], implied: [], readHere: [] } as const;

/** The part at the end of a path, or the last that is there. */
export function partAt(part: DocumentPart, path: readonly (string | number)[]): DocumentPart {
  return path.reduce((at: DocumentPart, key) => memberPart(at, key) ?? at, part);
}

/** The part under a key of a map or an index of a list. */
export function memberPart(
  { node, path }: DocumentPart,
  key: string | number,
): DocumentPart | undefined {
  if (typeof key === "number") {
    const item: SourceNode | undefined = node.type === "list" ? node.items[key] : undefined;
    return item && { node: item, path: pathTo(path, key), span: item };
  }
  const entry = entryOf(node, key);
  return entry && { node: entry.value, path: pathTo(path, key), span: entry.keySpan };
}

/** The value of a reference, the key of everything else. */
function spotOf({ node, path, span }: DocumentPart, { source }: Decoding): DiagnosticSpot {
  return spotAt(source, node.type === "scalar" ? node : span, pathText(path));
}

function keySpot({ path, span }: DocumentPart, { source }: Decoding): DiagnosticSpot {
  return spotAt(source, span, pathText(path));
}

function overlayCaller(name: string, part: DocumentPart, decoding: Decoding): Caller {
  const spot = spotOf(partAt(part, ["overlayRef", "name"]), decoding);
  return {
    ...inputsGiven(part, decoding, spot),
    type: "overlay",
    references: [{ kind: "ValueFunction", name, spot }],
    implied: [],
    readHere: [],
  };
}

function stepCaller(step: Step, part: DocumentPart, decoding: Decoding): Caller {
  const { logic, forEach, label, isConfigStep } = step;
  const references = logic.type === "ref"
    ? [{ ...logic.ref, spot: spotOf(partAt(part, ["ref", "name"]), decoding) }]
    : logic.cases.map(({ ref }, index) => ({
      ...ref,
      spot: spotOf(partAt(part, ["refSwitch", "cases", index, "name"]), decoding),
    }));
  const uses = decoding.uses.filter((use) => use.root === "inputs" && isBelow(use, part));
  return {
    ...inputsGiven(part, decoding, references[0]?.spot ?? spotOf(part, decoding)),
    type: "step",
    references,
    implied: [...(forEach ? [forEach.inputKey] : []), ...(isConfigStep ? ["parent"] : [])],
    readHere: uses.flatMap(({ name }) => name ?? []),
    step: { label, isConfigStep },
  };
}

function isBelow(use: VariableUse, part: DocumentPart): boolean {
  for (let at = use.part.path; at !== undefined; at = at.parent) {
    if (at.key === part.path?.key && pathText(at) === pathText(part.path)) return true;
  }
  return false;
}

function inputsGiven(
  part: DocumentPart,
  decoding: Decoding,
  otherwise: DiagnosticSpot,
): Pick<Caller, "given" | "spot"> {
  const inputs = memberPart(part, "inputs");
  if (inputs?.node.type !== "map") return { given: [], spot: otherwise };
  const given = partsOf(inputs.node, inputs.path).map((member) => ({
    name: String(member.path?.key),
    spot: keySpot(member, decoding),
  }));
  return { given, spot: keySpot(inputs, decoding) };
}

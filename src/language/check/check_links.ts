// SPDX-License-Identifier: Apache-2.0

import type { CompiledDocument } from "../compile_document.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { type DocumentPath, pathTo } from "../document_path.ts";
import type { Resolver } from "../link.ts";
import { diagnosticAt } from "../report_diagnostic.ts";
import { checkWorkflow, stateType } from "./check_workflow.ts";
import { type Reading, unreadFields } from "./return_field.ts";
import { joinAll, type StaticType, UNKNOWN } from "./static_type.ts";

/** What was found in a Workflow, and the documents it was found with. */
interface Checked {
  readonly seen: readonly (CompiledDocument | undefined)[];
  readonly found: readonly Diagnostic[];
}

/**
 * Documents that did not change are the same objects in the next Program, so that a Workflow is
 * checked again only when it or what its steps run changed.
 */
const checked = new WeakMap<CompiledDocument, Checked>();

/** Checks a Workflow against what its steps return. */
export function checkLinkedWorkflow(
  document: CompiledDocument,
  resolver: Resolver,
): readonly Diagnostic[] {
  const { workflow, callers } = document;
  if (workflow === undefined) return [];
  const targets = callers.map(({ references }) =>
    references.map(({ kind, name }) => soundTarget(kind, name, resolver))
  );
  const seen = targets.flat();
  const before = checked.get(document);
  if (before && isSame(before.seen, seen)) return before.found;
  const found = checkWorkflow(workflow, targets.map((each) => joinAll(each.map(returnOf))));
  checked.set(document, { seen, found });
  return found;
}

function isSame<T>(before: readonly T[], now: readonly T[]): boolean {
  return before.length === now.length && before.every((each, index) => each === now[index]);
}

function soundTarget(
  kind: Parameters<Resolver["resolve"]>[0],
  name: string,
  resolver: Resolver,
): CompiledDocument | undefined {
  const target = resolver.resolve(kind, name);
  return target?.definition.type === "Broken" ? undefined : target?.document;
}

function returnOf(document: CompiledDocument | undefined): StaticType {
  if (document?.definition?.type === "Workflow") {
    return stateType(document.definition.steps.flatMap(({ stateKeys }) => stateKeys));
  }
  return document?.returned?.returns ?? UNKNOWN;
}

/** Tells the fields that Functions return and no step of any Workflow reads. */
export function unreadFieldsOf(
  documents: readonly CompiledDocument[],
  resolver: Resolver,
): readonly Diagnostic[] {
  const readings = new Map<CompiledDocument, Reading[]>();
  for (const { callers, workflow } of documents) {
    for (const [index, { type, references }] of callers.entries()) {
      if (type !== "step" && type !== "overlay") continue;
      // An overlay becomes part of the target: all of it is used.
      const read = type === "overlay" ? [[]] : workflow?.steps[index]?.readings ?? [[]];
      for (const { kind, name } of references) {
        const target = soundTarget(kind, name, resolver);
        if (target === undefined) continue;
        const known = readings.get(target);
        if (known) known.push(...read);
        else readings.set(target, [...read]);
      }
    }
  }
  return [...readings].flatMap(([document, read]) => unreadOf(document, read));
}

const RETURN: DocumentPath = pathTo(pathTo(undefined, "spec"), "return");

function unreadOf(
  { definition, returned }: CompiledDocument,
  readings: readonly Reading[],
): readonly Diagnostic[] {
  if (definition === undefined || returned === undefined) return [];
  const at = { file: definition.source.file, path: RETURN };
  return unreadFields(returned.fields, readings, at).map(({ name, spot }) =>
    diagnosticAt(spot, {
      code: "unread-field",
      message: `Field "${name}" is returned, but no step that runs this Function reads it`,
    })
  );
}

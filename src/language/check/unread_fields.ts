// SPDX-License-Identifier: Apache-2.0

import type { CompiledDocument } from "../compile_document.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { type DocumentPath, pathTo } from "../document_path.ts";
import type { Resolver } from "../link.ts";
import { diagnosticAt } from "../report_diagnostic.ts";
import type { Slices } from "../slices.ts";
import { isSame } from "./check_links.ts";
import { type Reading, unreadFields } from "./return_field.ts";

/** How the callers of a Function read what it returns: a list for each. */
type Readings = readonly (readonly Reading[])[];

/** An overlay becomes part of the target: all of it is used. */
const ALL: readonly Reading[] = [[]];

/** Tells the fields that Functions return and no step of any Workflow reads. */
export function* unreadFieldsOf(
  documents: readonly CompiledDocument[],
  resolver: Resolver,
): Slices<readonly Diagnostic[]> {
  // What a broken Workflow reads nobody knows.
  if (documents.some(isBrokenWorkflow)) return [];
  const readings = new Map<CompiledDocument, (readonly Reading[])[]>();
  for (const { callers, workflow } of documents) {
    for (const [index, { type, references }] of callers.entries()) {
      if (type !== "step" && type !== "overlay") continue;
      const read = workflow?.steps[index]?.readings ?? ALL;
      for (const { kind, name } of references) {
        const target = resolver.resolve(kind, name);
        if (target === undefined || target.definition.type === "Broken") continue;
        const known = readings.get(target.document);
        if (known) known.push(read);
        else readings.set(target.document, [read]);
      }
    }
  }
  const found: Diagnostic[] = [];
  for (const [document, read] of readings) {
    found.push(...unreadOf(document, read));
    yield;
  }
  return found;
}

function isBrokenWorkflow({ definition }: CompiledDocument): boolean {
  return definition?.type === "Broken" && definition.id.kind === "Workflow";
}

/** What was told of a document, as long as its callers read the same of it. */
const told = new WeakMap<
  CompiledDocument,
  { readonly readings: Readings; readonly found: readonly Diagnostic[] }
>();

function unreadOf(document: CompiledDocument, readings: Readings): readonly Diagnostic[] {
  const before = told.get(document);
  if (before && isSame(before.readings, readings)) return before.found;
  const found = findUnread(document, readings.flat());
  told.set(document, { readings, found });
  return found;
}

const RETURN: DocumentPath = pathTo(pathTo(undefined, "spec"), "return");

function findUnread(
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

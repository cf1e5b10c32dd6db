// SPDX-License-Identifier: Apache-2.0

import type { CompiledDocument } from "../compile_document.ts";
import type { Diagnostic } from "../diagnostic.ts";
import { linkDiagnostics, type Resolved, type Resolver } from "../link.ts";
import { checkWorkflow, stateType } from "./check_workflow.ts";
import { joinAll, type StaticType, UNKNOWN } from "./static_type.ts";

/** What was found in a document, and the definitions it was found with. */
interface Checked {
  readonly seen: readonly Resolved["definition"][];
  readonly found: readonly Diagnostic[];
}

/**
 * Documents and definitions that did not change are the same objects in the next Program, so that
 * a document is checked again only when it or what it refers to changed.
 */
const checked = new WeakMap<CompiledDocument, Checked>();

/** Checks a document against the definitions it refers to. */
export function checkLinks(document: CompiledDocument, resolver: Resolver): readonly Diagnostic[] {
  const before = checked.get(document);
  if (before && seesSame(document, resolver, before.seen)) return before.found;
  const targets = document.callers.map(({ references }) =>
    references.map(({ kind, name }) => resolver.resolve(kind, name))
  );
  const found = [
    ...linkDiagnostics(document.callers, resolver),
    ...document.workflow
      ? checkWorkflow(document.workflow, targets.map((each) => joinAll(each.map(returnOf))))
      : [],
  ];
  // What is proposed for a name that does not exist depends on all names there are.
  const all = targets.flat();
  if (all.every((target) => target !== undefined)) {
    checked.set(document, { seen: all.map(({ definition }) => definition), found });
  }
  return found;
}

/** Asked of every document of every Program: it makes no lists. */
function seesSame(
  { callers }: CompiledDocument,
  resolver: Resolver,
  seen: Checked["seen"],
): boolean {
  let count = 0;
  for (const { references } of callers) {
    for (const { kind, name } of references) {
      const definition = resolver.resolve(kind, name)?.definition;
      if (definition === undefined || definition !== seen[count++]) return false;
    }
  }
  return count === seen.length;
}

/** Whether two lists have the same objects. */
export function isSame<T>(before: readonly T[], now: readonly T[]): boolean {
  return before.length === now.length && before.every((each, index) => each === now[index]);
}

function returnOf(target: Resolved | undefined): StaticType {
  if (target === undefined || target.definition.type === "Broken") return UNKNOWN;
  if (target.definition.type !== "Workflow") return target.document.returned?.returns ?? UNKNOWN;
  return stateType(target.definition.steps.flatMap(({ stateKeys }) => stateKeys));
}

// SPDX-License-Identifier: Apache-2.0

import { DEFINITION_KINDS } from "./compile_document.ts";
import type { DefinitionId } from "./definition.ts";
import type { SourceDocument } from "./source_document.ts";
import { entryOf } from "./source_node.ts";

const API_VERSION = "koreo.dev/v1beta1";

/**
 * What a document defines, without compiling it.
 *
 * @param document The document
 * @param defaultNamespace Namespace of documents that name none (SD-6)
 * @returns The identity that compiling it gives; `undefined` where that cannot be said
 */
export function documentIdentity(
  document: SourceDocument,
  defaultNamespace: string,
): DefinitionId | undefined {
  const { root, apiVersion, name } = document;
  const kind = DEFINITION_KINDS.find((known) => known === document.kind);
  if (kind === undefined || apiVersion !== API_VERSION || !name) return undefined;
  const namesNamespace = entryOf(entryOf(root, "metadata")?.value, "namespace") !== undefined;
  const namespace = namesNamespace ? document.namespace : defaultNamespace;
  return namespace ? { kind, namespace, name } : undefined;
}

/**
 * A text that is the same exactly when two documents of one identity say the same: comments,
 * layout and the file do not count, faults of reading do.
 */
export function documentContent({ digest, diagnostics }: SourceDocument): string {
  const faults = diagnostics.filter(({ severity }) => severity === "error");
  return faults.length === 0 ? digest : `${digest} ${faults.map(({ code }) => code).join(" ")}`;
}

// SPDX-License-Identifier: Apache-2.0

/** The way to a node of a document, from the inside out. */
export interface DocumentPath {
  readonly parent?: DocumentPath;
  readonly key: string | number;
}

/** The path one step further. */
export function pathTo(parent: DocumentPath | undefined, key: string | number): DocumentPath {
  return parent ? { parent, key } : { key };
}

const SIMPLE_KEY = /^[A-Za-z_][\w-]*$/;

/** A path as text: `spec.steps[2].inputs.size`, `spec.resource.metadata['a.b/c']`. */
export function pathText(path: DocumentPath | undefined): string {
  if (path === undefined) return "";
  const before = pathText(path.parent);
  if (typeof path.key === "number") return `${before}[${path.key}]`;
  if (!SIMPLE_KEY.test(path.key)) return `${before}['${path.key.replace(/['\\]/g, "\\$&")}']`;
  return before === "" ? path.key : `${before}.${path.key}`;
}

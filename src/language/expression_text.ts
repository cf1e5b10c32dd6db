// SPDX-License-Identifier: Apache-2.0

import type { ScalarNode } from "./source_node.ts";

/** Whether a scalar is an expression where expressions are taken (EX-1). */
export function isExpression(node: ScalarNode): node is ScalarNode & { readonly value: string } {
  return typeof node.value === "string" && node.value.startsWith("=");
}

/** The source of an expression, and how many leading `=` stand before it (EX-1). */
export function sourceOfExpression(value: string): readonly [source: string, skipped: number] {
  const source = value.replace(/^=+/, "");
  return [source, value.length - source.length];
}

// SPDX-License-Identifier: Apache-2.0

import type { ExpressionTable } from "../expression_table.ts";
import { isExpression, sourceOfExpression } from "../expression_text.ts";
import type { SourceNode } from "../source_node.ts";
import { mayAsk } from "./tested_chains.ts";

/** The chains that all expressions below a node ask for. */
export function testedIn(node: SourceNode, expressions: ExpressionTable): ReadonlySet<string> {
  const found = new Set<string>();
  collect(node, expressions, found);
  return found;
}

function collect(node: SourceNode, expressions: ExpressionTable, found: Set<string>): void {
  if (node.type === "list") node.items.forEach((item) => collect(item, expressions, found));
  if (node.type === "map") {
    node.entries.forEach(({ value }) => collect(value, expressions, found));
  }
  if (node.type !== "scalar" || !isExpression(node) || !mayAsk(node.value)) return;
  const [source] = sourceOfExpression(node.value);
  const analysed = expressions.analyse(source);
  if (analysed.type === "compiled") analysed.tested.forEach((chain) => found.add(chain));
}

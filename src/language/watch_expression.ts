// SPDX-License-Identifier: Apache-2.0

import type { EvaluationFailure, Overlay, Template } from "./definition.ts";
import type { EvaluationSite, SeeResult, WatchSite } from "./evaluation_observer.ts";
import {
  type Budget,
  type CompiledExpression,
  compileExpression,
  type EvaluationFault,
  type Expr,
  parseExpression,
  type Span,
  type Value,
  type Variables,
} from "./expression/mod.ts";
import { partsOf, walk } from "./expression/walk.ts";
import type { JsonObject, JsonValue } from "./json.ts";

/** What is told of the sites of one expression. */
export interface WatchedSource {
  readonly source: string;
  readonly watch: WatchSite;
  /** A site of the expression: the whole of it, or a part. */
  siteOf(type: EvaluationSite["type"], span: Span): EvaluationSite;
}

/**
 * An expression whose results are told, those of its conditions included.
 *
 * It is compiled apart from the expressions that are shared: these have nothing to tell, and pay
 * nothing for it.
 */
export function watchedExpression(watched: WatchedSource): CompiledExpression | undefined {
  const { source, watch, siteOf } = watched;
  const parsed = parseExpression(source);
  if (parsed.type === "failed") return undefined;
  const { expression } = parsed;
  const see = watch(siteOf("expression", { start: 0, end: source.length }));
  const sees = new Map(
    conditionsOf(expression).map(({ expr, type }) => [expr, watch(siteOf(type, expr.span))]),
  );
  return new WatchedExpression(
    compileExpression(expression, source, (expr) => sees.get(expr)),
    see,
  );
}

/** The parts of an expression that decide what else of it is evaluated. */
function conditionsOf(expression: Expr) {
  const found: { readonly expr: Expr; readonly type: "condition" | "operand" }[] = [];
  walk(expression, (visit) => {
    const { expr } = visit;
    if (expr.type === "conditional" && expr.condition.type !== "literal") {
      found.push({ expr: expr.condition, type: "condition" });
    }
    // An operand that is a row of operands itself is told of by these.
    if (expr.type === "logical") {
      const operands = expr.operands.filter(({ type }) => type !== "literal" && type !== "logical");
      found.push(...operands.map((operand) => ({ expr: operand, type: "operand" as const })));
    }
    return partsOf(visit);
  });
  return found;
}

class WatchedExpression implements CompiledExpression {
  constructor(private readonly inner: CompiledExpression, private readonly see: SeeResult) {}

  get source(): string {
    return this.inner.source;
  }

  evaluate(variables: Variables, budget: Budget): Value | EvaluationFault {
    const result = this.inner.evaluate(variables, budget);
    this.see(result);
    return result;
  }

  evaluateJson(variables: Variables, budget: Budget): JsonValue | EvaluationFault {
    const result = this.inner.evaluateJson(variables, budget);
    this.see(result);
    return result;
  }
}

/** Literal data that tells when it is used. */
export class WatchedTemplate implements Template {
  constructor(readonly constant: JsonValue, private readonly see: SeeResult) {}

  evaluate(): JsonValue {
    return this.evaluateJson();
  }

  evaluateJson(): JsonValue {
    this.see(this.constant);
    return this.constant;
  }
}

/** An overlay that tells when it is applied. */
export class WatchedOverlay implements Overlay {
  constructor(
    private readonly inner: Overlay & { readonly isEmpty: boolean },
    private readonly see: SeeResult,
  ) {}

  get isEmpty(): boolean {
    return this.inner.isEmpty;
  }

  get leafPaths(): Overlay["leafPaths"] {
    return this.inner.leafPaths;
  }

  apply(base: JsonObject, variables: Variables, budget: Budget): JsonObject | EvaluationFailure {
    this.see(base);
    return this.inner.apply(base, variables, budget);
  }
}

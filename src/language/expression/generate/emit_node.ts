// SPDX-License-Identifier: Apache-2.0

import type { Expr, Name } from "../syntax/ast.ts";
import type { Emitted, Site } from "./emit.ts";
import { emitAccess, emitHas } from "./emit_access.ts";
import { emitCall } from "./emit_call.ts";
import { emitList, emitMap } from "./emit_literal.ts";
import { emitConditional, emitLogical, emitUnary } from "./emit_logic.ts";
import { emitLoop } from "./emit_loop.ts";
import { emitBinary } from "./emit_operator.ts";

/** Generates one node. What has no case here is left to its closure. */
export function emitNode(expr: Expr, site: Site): Emitted {
  switch (expr.type) {
    case "name":
      return emitName(expr, site);
    case "select":
    case "index":
      return emitAccess(expr, site);
    case "has":
      return emitHas(expr, site);
    case "call":
      return emitCall(expr, site);
    case "list":
      return emitList(expr, site);
    case "map":
      return emitMap(expr, site);
    case "unary":
      return emitUnary(expr, site);
    case "binary":
      return emitBinary(expr, site);
    case "logical":
      return emitLogical(expr, site);
    case "conditional":
      return emitConditional(expr, site);
    case "loop":
      return emitLoop(expr, site);
    default:
      return "unsupported";
  }
}

/** The variables of a ValueFunction: the generated function takes them as they are. */
function emitName({ name, isGlobal }: Name, { bound }: Site): Emitted {
  const held = isGlobal ? undefined : bound.get(name);
  if (held !== undefined) return held;
  return name === "inputs" || name === "resource" ? { text: name, known: "map" } : "unsupported";
}

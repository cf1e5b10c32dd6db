// SPDX-License-Identifier: Apache-2.0

import { EvaluationFault, fault } from "../fault.ts";
import type { Call } from "../syntax/ast.ts";
import { CelOptional, typeName, type Value } from "../values/value.ts";
import { charged, type Compiled } from "./closure.ts";

/** `a.or(b)` and `a.orValue(b)`: `b` is evaluated only when `a` has no value. */
export function compileOr(
  { name, span, args }: Call,
  [target, other]: readonly Compiled[],
): Compiled {
  if (target === undefined || other === undefined) throw new TypeError(`Cannot compile ${name}`);
  const rest = charged(other);
  const isFlat = name === "or";
  const otherSpan = args[0]?.span ?? span;
  return {
    evaluate(variables, budget) {
      const optional = target.evaluate(variables, budget);
      if (optional instanceof EvaluationFault) return optional;
      if (!(optional instanceof CelOptional)) return notOptional(name, optional).at(span);
      if (optional.value !== undefined) return isFlat ? optional : optional.value;
      const value = rest(variables, budget);
      const isWrong = isFlat && !(value instanceof CelOptional || value instanceof EvaluationFault);
      return isWrong ? notOptional(name, value).at(otherSpan) : value;
    },
    cost: target.cost + 1,
  };
}

function notOptional(name: string, value: Value): EvaluationFault {
  const reason = `no such overload: ${name}() needs an optional value, not ${typeName(value)}`;
  return fault("no-such-overload", reason);
}

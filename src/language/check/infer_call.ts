// SPDX-License-Identifier: Apache-2.0

import type { Call } from "../expression/mod.ts";
import { LIBRARY, overloadsOf } from "../expression/functions/library.ts";
import type { FunctionRow } from "../expression/functions/row.ts";
import { canBe, type Inference } from "./inference.ts";
import {
  ANY_LIST,
  ANY_MAP,
  joinAll,
  scalar,
  type ScalarName,
  type StaticType,
  typeText,
  UNKNOWN,
} from "./static_type.ts";

/** The type of `f(x)` or `x.f()`, from the table of functions. */
export function callType(call: Call, at: Inference): StaticType {
  const { name, target, args } = call;
  const dotted = target?.type === "name" && !at.bound.has(target.name)
    ? `${target.name}.${name}`
    : undefined;
  const isDotted = dotted !== undefined && LIBRARY.some((row) => row.name === dotted);
  const given = target === undefined || isDotted ? args : [target, ...args];
  const types = given.map((arg) => at.typeOf(arg, at));
  const rows = overloadsOf({
    name: isDotted ? dotted : name,
    isMethod: target !== undefined && !isDotted,
    argCount: given.length,
  });
  const possible = rows.filter((row) => accepts(row, types));
  if (rows.length > 0 && possible.length === 0) reportCall(call, { rows, types, at });
  return possible.length === 0 ? UNKNOWN : joinAll(possible.map(resultOf));
}

function accepts({ parameters }: FunctionRow, types: readonly StaticType[]): boolean {
  return parameters.every(([, wanted], index) =>
    wanted === "any" || canBe(types[index] ?? UNKNOWN, wanted)
  );
}

function resultOf({ result }: FunctionRow): StaticType {
  switch (result) {
    case "any":
      return UNKNOWN;
    case "list":
      return ANY_LIST;
    case "map":
      return ANY_MAP;
    default:
      return scalar(result as ScalarName);
  }
}

interface Refused {
  readonly rows: readonly FunctionRow[];
  readonly types: readonly StaticType[];
  readonly at: Inference;
}

function reportCall({ name, nameSpan }: Call, { rows, types, at }: Refused): void {
  const accepted = [
    ...new Set(
      rows.map(({ parameters }) => `${name}(${parameters.map(([, type]) => type).join(", ")})`),
    ),
  ];
  at.report({
    code: "impossible-operation",
    message: `Cannot call ${name}(${types.map(typeText).join(", ")}): expected ${
      accepted.join(" or ")
    }`,
    span: nameSpan,
  });
}

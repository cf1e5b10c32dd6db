// SPDX-License-Identifier: Apache-2.0

import {
  join,
  joinAll,
  type KnownType,
  listType,
  mapType,
  scalar,
  type StaticType,
  UNKNOWN,
} from "./static_type.ts";

/**
 * The type of a value under the name of a local or a field.
 *
 * A single value that is written under a name is a setting, made to be changed there: what depends
 * on it is no mistake. Only where there is a choice of values does what they are count.
 */
export function named(type: StaticType): StaticType {
  return mapped(
    type,
    (known) =>
      known.type === "scalar" && known.constants?.length === 1 ? scalar(known.name) : [known],
  );
}

/** The type of a value after it became JSON (EX-21), which is read by EX-20. */
export function asJson(type: StaticType): StaticType {
  return mapped(type, (known) => known.type === "scalar" ? scalarAsJson(known) : [known]);
}

function scalarAsJson(known: KnownType & { readonly type: "scalar" }): StaticType {
  switch (known.name) {
    case "double":
      // A double without a fraction is written as a whole number.
      return join(scalar("double"), scalar("int"));
    case "uint":
      // One beyond 64 bits signed is read as a double.
      return join(scalar("int"), scalar("double"));
    case "bytes":
    case "timestamp":
    case "duration":
      return scalar("string");
    case "type":
    case "optional":
      return UNKNOWN;
    default:
      return [known];
  }
}

/** Changes a type at every depth, the parts before the whole. What does not change is shared. */
function mapped(type: StaticType, change: (known: KnownType) => StaticType): StaticType {
  if (type === UNKNOWN) return type;
  let isSame = true;
  const made = type.map((known) => {
    const parts = partsMapped(known, change);
    const [whole] = parts === UNKNOWN ? [] : parts;
    const changed = whole ? change(whole) : UNKNOWN;
    isSame &&= changed !== UNKNOWN && changed.length === 1 && changed[0] === known;
    return changed;
  });
  return isSame ? type : joinAll(made);
}

function partsMapped(known: KnownType, change: (known: KnownType) => StaticType): StaticType {
  if (known.type === "scalar") return [known];
  if (known.type === "list") {
    const item = mapped(known.item, change);
    return item === known.item ? [known] : listType(item);
  }
  let isSame = true;
  const fields = [...known.fields].map(([key, field]) => {
    const type = mapped(field, change);
    isSame &&= type === field;
    return [key, type] as const;
  });
  return isSame ? [known] : mapType(new Map(fields), known.isOpen);
}

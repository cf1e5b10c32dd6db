// SPDX-License-Identifier: Apache-2.0

import {
  celEnv,
  isCelError,
  isCelList,
  isCelMap,
  isCelType,
  isCelUint,
  parse,
  plan,
} from "@bufbuild/cel";
import {
  CelDouble,
  CelDuration,
  CelTimestamp,
  CelType,
  CelUint,
  isFault,
  type Value,
} from "../../../src/language/mod.ts";
import {
  entriesOf,
  isList,
  isMap,
  itemsOf,
} from "../../../src/language/expression/values/containers.ts";
import { evaluate } from "./evaluate.ts";

/** What an engine says: the text of a value with its types, or that there is none. */
export type Answer = string;

/** There is no value. */
export const FAILED = "failed";

/** What this engine says. */
export function ourAnswer(source: string, variables: Readonly<Record<string, Value>>): Answer {
  const value = evaluate(source, variables);
  return isFault(value) ? FAILED : describe(value);
}

function describe(value: Value): string {
  if (typeof value === "number") {
    return Number.isSafeInteger(value) ? `int ${value}` : `double ${value}`;
  }
  if (typeof value === "bigint") return `int ${value}`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (value instanceof CelDouble) return `double ${value.value}`;
  if (value instanceof CelUint) return `uint ${value.value}`;
  if (value instanceof CelType) return `type ${value.name}`;
  if (value instanceof Uint8Array) return `bytes ${value}`;
  if (value instanceof CelTimestamp || value instanceof CelDuration) {
    return `time ${value.seconds} ${value.nanos}`;
  }
  if (isList(value)) return `[${itemsOf(value).map(describe).join(", ")}]`;
  if (!isMap(value)) return "other";
  return `{${entriesOf(value).map(({ key, value }) => `${describe(key)}: ${describe(value)}`)}}`;
}

const environment = celEnv();

/** What `@bufbuild/cel` says. */
export function oracleAnswer(source: string, variables: Readonly<Record<string, Value>>): Answer {
  const result = plan(environment, parse(source))(
    Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, given(value)])),
  );
  return isCelError(result) ? FAILED : describeOracle(result);
}

/** JSON as the oracle wants it: whole numbers are bigints, objects are maps. */
// deno-lint-ignore no-explicit-any -- its input type is a union of protocol buffer classes
function given(value: Value): any {
  if (typeof value === "number") return Number.isInteger(value) ? BigInt(value) : value;
  if (isList(value)) return itemsOf(value).map(given);
  if (!isMap(value)) return value;
  return new Map(entriesOf(value).map((entry) => [entry.key, given(entry.value)]));
}

function describeOracle(value: unknown): string {
  if (typeof value === "bigint") return `int ${value}`;
  if (typeof value === "number") return `double ${value}`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (isCelUint(value)) return `uint ${value.value}`;
  if (isCelType(value)) return `type ${value.name}`;
  if (value instanceof Uint8Array) return `bytes ${value}`;
  if (isCelList(value)) return `[${Array.from(value, describeOracle).join(", ")}]`;
  if (isCelMap(value)) {
    const entries = Array.from(value.entries());
    return `{${entries.map(([key, item]) => `${describeOracle(key)}: ${describeOracle(item)}`)}}`;
  }
  const { seconds, nanos } = ("message" in value ? value.message : value) as {
    readonly seconds: bigint;
    readonly nanos: number;
  };
  return `time ${seconds} ${nanos}`;
}

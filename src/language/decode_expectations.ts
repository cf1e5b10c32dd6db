// SPDX-License-Identifier: Apache-2.0

import {
  exactlyOne,
  type FieldRule,
  optional,
  record,
  required,
  withDefault,
} from "./decode_record.ts";
import { literalMap, literalText } from "./decode_values.ts";
import {
  badValue,
  type Decoded,
  type Decoder,
  type Decoding,
  filledText,
  INVALID,
  report,
  seconds,
} from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type {
  ExpectedCondition,
  ExpectedOutcome,
  ExpectedResource,
  ObjectIdentity,
} from "./definition.ts";
import { pathText } from "./document_path.ts";
import { type JsonObject, member, memberAt } from "./json.ts";
import { OPEN_MAP, shaped, shapeOf } from "./shape.ts";

const saying = record({ message: required(literalText) });

/** FT-15; `ok: null` counts as given. */
const OUTCOME = record({
  ok: optional(emptyOrNull),
  skip: optional(saying),
  depSkip: optional(saying),
  permFail: optional(saying),
  retry: optional(record({ message: required(literalText), delay: required(seconds) })),
}, exactlyOne("ok", "skip", "depSkip", "permFail", "retry"));

function emptyOrNull(...[part, decoding]: Parameters<Decoder<unknown>>) {
  const { node } = part;
  return node.type === "scalar" && node.value === null ? {} : record({})(part, decoding);
}

shaped(expectedOutcome, shapeOf(OUTCOME));
shaped(filledExpectation, OPEN_MAP);
shaped(onlyTrue, { type: "bool" });

/** The outcome that a test case expects. */
export function expectedOutcome(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<ExpectedOutcome> {
  const given = OUTCOME(part, decoding);
  if (given === INVALID) return INVALID;
  if (given.skip) return { type: "Skip", message: given.skip.message };
  if (given.depSkip) return { type: "DepSkip", message: given.depSkip.message };
  if (given.permFail) return { type: "PermFail", message: given.permFail.message };
  if (given.retry) {
    return { type: "Retry", message: given.retry.message, delaySeconds: given.retry.delay };
  }
  return { type: "Ok" };
}

/** A literal map that says something (FT-13, FT-14). */
export function filledExpectation(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<JsonObject> {
  const value = literalMap(part, decoding);
  if (value === INVALID || Object.keys(value).length > 0) return value;
  report(decoding, part, {
    code: "empty-expectation",
    message: `Cannot test "${pathText(part.path)}": an empty map expects nothing`,
  });
  return INVALID;
}

/** `expectStable` has one value only (FT-17). */
export function onlyTrue(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<true> {
  const { node } = part;
  if (node.type === "scalar" && node.value === true) return true;
  return badValue(part, decoding, "expected true");
}

const IDENTITY = record({
  apiVersion: required(filledText),
  kind: required(filledText),
  namespace: withDefault<string | undefined>(filledText, undefined),
  name: required(filledText),
});

shaped(objectIdentity, shapeOf(IDENTITY));
shaped(identifiedObject, OPEN_MAP);
shaped(expectedResource, OPEN_MAP);

/** An object by its identity. */
export function objectIdentity(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<ObjectIdentity> {
  const given = IDENTITY(part, decoding);
  if (given === INVALID) return INVALID;
  const { apiVersion, kind, namespace, name } = given;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** The identity that an object tells of itself. */
export function identityOf(object: JsonObject): ObjectIdentity | undefined {
  const [apiVersion, kind] = [member(object, "apiVersion"), member(object, "kind")];
  const name = memberAt(object, "metadata", "name");
  const namespace = memberAt(object, "metadata", "namespace");
  if (typeof apiVersion !== "string" || typeof kind !== "string" || typeof name !== "string") {
    return undefined;
  }
  return { apiVersion, kind, ...(typeof namespace === "string" ? { namespace } : {}), name };
}

/** A literal object that tells its identity. */
export function identifiedObject(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<JsonObject> {
  const value = literalMap(part, decoding);
  if (value === INVALID || identityOf(value)) return value;
  report(decoding, part, {
    code: "missing-field",
    message: `Cannot read "${pathText(part.path)}": "apiVersion", "kind" and "metadata.name" ` +
      "are required",
  });
  return INVALID;
}

const ABSENT_OBJECT = record({ absent: required(objectIdentity) });

/** FW-11 */
export function expectedResource(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<ExpectedResource> {
  if (isAbsentEntry(part)) {
    const given = ABSENT_OBJECT(part, decoding);
    return given === INVALID ? INVALID : { type: "absent", identity: given.absent };
  }
  const object = identifiedObject(part, decoding);
  return object === INVALID ? INVALID : { type: "object", object };
}

/** Whether an entry says what must not be there. */
export function isAbsentEntry({ node }: Parameters<Decoder<unknown>>[0]): boolean {
  return node.type === "map" && node.entries.some(({ key }) => key === "absent");
}

/** FW-9 */
const CONDITION = record(
  {
    absent: optional(filledText),
    type: optional(filledText),
    status: optional(filledText),
    reason: optional(literalText),
    message: optional(literalText),
  },
  exactlyOne("type", "absent"),
  absentAloneRule,
);

function absentAloneRule(...[given, part, decoding]: Parameters<FieldRule>): boolean {
  if (!given.has("absent") || given.size === 1 || given.has("type")) return true;
  report(decoding, part, {
    code: "conflict",
    message: 'Cannot use "absent" with other fields: the condition must not be there at all',
  });
  return false;
}

shaped(expectedCondition, shapeOf(CONDITION));

/** One entry of `expectConditions`. */
export function expectedCondition(
  part: DocumentPart,
  decoding: Decoding,
): Decoded<ExpectedCondition> {
  const given = CONDITION(part, decoding);
  if (given === INVALID) return INVALID;
  if (given.absent !== undefined) return { type: "absent", condition: given.absent };
  const { status, reason, message } = given;
  return {
    type: "condition",
    condition: given.type ?? "",
    ...(status === undefined ? {} : { status }),
    ...(reason === undefined ? {} : { reason }),
    ...(message === undefined ? {} : { message }),
  };
}

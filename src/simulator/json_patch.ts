// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, jsonObject, member } from "../language/mod.ts";
import type { JsonObject, JsonValue } from "../language/mod.ts";
import { sameJson } from "./json_values.ts";

/** A JSON patch that cannot be applied: `malformed` in itself, or not fitting the document. */
export class JsonPatchError extends Error {
  override readonly name = "JsonPatchError";
  constructor(readonly code: "malformed" | "unfit", message: string) {
    super(message);
  }
}

type Change = (found: JsonValue | undefined) => JsonValue | undefined;

const MAX_OPERATIONS = 10_000;

/**
 * The document after a JSON patch (RFC 6902).
 *
 * @throws {JsonPatchError} If an operation is malformed, or does not fit the document
 */
export function applyJsonPatch(document: JsonValue, patch: JsonValue): JsonValue {
  if (!isJsonList(patch)) throw new JsonPatchError("malformed", "Cannot read a patch: no list");
  if (patch.length > MAX_OPERATIONS) {
    throw new JsonPatchError(
      "malformed",
      `The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  }
  return patch.reduce(applyOperation, document);
}

function applyOperation(document: JsonValue, operation: JsonValue): JsonValue {
  if (!isJsonObject(operation)) {
    throw new JsonPatchError("malformed", "Cannot read an operation: no object");
  }
  const path = pointer(operation, "path");
  switch (operation.op) {
    case "add":
      return insert(document, path, valueOf(operation));
    case "remove":
      return change(document, path, removeFound(path));
    // The API server's library sets what is not there, as long as its parent is.
    case "replace":
      return change(document, path, () => valueOf(operation));
    case "move": {
      const from = pointer(operation, "from");
      const moved = read(document, from, "move");
      return insert(change(document, from, removeFound(from)), path, moved);
    }
    case "copy":
      return insert(document, path, read(document, pointer(operation, "from"), "copy"));
    case "test":
      return testValue(document, path, operation);
    default:
      throw new JsonPatchError("malformed", `Unexpected kind: ${String(operation.op)}`);
  }
}

function testValue(document: JsonValue, path: readonly string[], operation: JsonObject): JsonValue {
  if (sameJson(find(document, path) ?? null, valueOf(operation))) return document;
  throw new JsonPatchError("unfit", `testing value /${path.join("/")} failed: test failed`);
}

function removeFound(path: readonly string[]): Change {
  return (found) => {
    if (found === undefined) throw missing("remove", path);
    return undefined;
  };
}

function pointer(operation: JsonObject, key: "path" | "from"): readonly string[] {
  const text = member(operation, key);
  if (typeof text !== "string" || (text !== "" && !text.startsWith("/"))) {
    throw new JsonPatchError("malformed", `Cannot read "${key}" of an operation: no JSON pointer`);
  }
  return text.split("/").slice(1).map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
}

function valueOf(operation: JsonObject): JsonValue {
  const value = member(operation, "value");
  if (value === undefined) throw new JsonPatchError("malformed", "An operation lacks its value");
  return value;
}

function find(document: JsonValue, path: readonly string[]): JsonValue | undefined {
  let found: JsonValue | undefined = document;
  for (const key of path) {
    found = isJsonList(found) ? found[listIndex(found, key)] : member(found, key);
  }
  return found;
}

function read(document: JsonValue, path: readonly string[], verb: string): JsonValue {
  const found = find(document, path);
  if (found === undefined) throw missing(verb, path);
  return found;
}

function insert(document: JsonValue, path: readonly string[], value: JsonValue): JsonValue {
  const last = path.at(-1);
  if (last === undefined) return value;
  return change(document, path.slice(0, -1), (parent) => {
    if (isJsonList(parent)) {
      const index = last === "-" ? parent.length : listIndex(parent, last);
      if (index > parent.length) throw missing("add", path);
      return parent.toSpliced(index, 0, value);
    }
    if (isJsonObject(parent)) return withKey(parent, last, value);
    throw missing("add", path);
  });
}

function change(document: JsonValue, path: readonly string[], with_: Change): JsonValue {
  const [key, ...rest] = path;
  if (key === undefined) return with_(document) ?? null;
  if (isJsonList(document)) {
    const index = listIndex(document, key);
    const changed = changeAt(document[index], rest, with_);
    return changed === undefined
      ? document.toSpliced(index, 1)
      : document.toSpliced(index, 1, changed);
  }
  if (!isJsonObject(document)) throw missing("find", path);
  return withKey(document, key, changeAt(member(document, key), rest, with_));
}

function changeAt(
  found: JsonValue | undefined,
  rest: readonly string[],
  with_: Change,
): JsonValue | undefined {
  if (rest.length === 0) return with_(found);
  if (found === undefined) throw missing("find", rest);
  return change(found, rest, with_);
}

function listIndex(list: readonly JsonValue[], key: string): number {
  if (!/^(0|[1-9]\d*)$/.test(key)) {
    throw new JsonPatchError("unfit", `Cannot use "${key}" as an index of a list`);
  }
  const index = Number(key);
  if (index > list.length) {
    throw new JsonPatchError("unfit", `Unable to access invalid index: ${key}`);
  }
  return index;
}

function withKey(object: JsonObject, key: string, value: JsonValue | undefined): JsonObject {
  const entries = new Map(Object.entries(object));
  if (value === undefined) entries.delete(key);
  else entries.set(key, value);
  return jsonObject(entries);
}

function missing(verb: string, path: readonly string[]): JsonPatchError {
  return new JsonPatchError(
    "unfit",
    `${verb} operation does not apply: doc is missing path: "/${path.join("/")}"`,
  );
}

// SPDX-License-Identifier: Apache-2.0

import { isJsonObject, type JsonValue, member } from "../../language/mod.ts";
import {
  ClusterError,
  type KubernetesObject,
  type ResourcePath,
  type WatchEvent,
} from "../../runtime/ports.ts";
import { refusalByStatus } from "./cluster_failure.ts";
import { parseExactJson } from "./exact_json.ts";

/** An event holds one object; the server limits those to 1.5 MiB, some proxies to more. */
const MAX_LINE_BYTES = 32 * 2 ** 20;
const NEWLINE = 0x0a;

/**
 * The events of a watch: one JSON object a line.
 *
 * @throws {ClusterError} For an ERROR event (410 when the version is too old), and for what is no
 *   event
 */
export async function* watchEvents(
  chunks: AsyncIterable<Uint8Array>,
  path: ResourcePath,
): AsyncGenerator<WatchEvent, void, undefined> {
  for await (const line of lines(chunks)) yield eventOf(line, path);
}

/** An object as its kind, also when the server sent only its metadata or left out the kind. */
export function asKind(object: JsonValue | undefined, path: ResourcePath): KubernetesObject {
  const metadata = member(object, "metadata");
  if (!isJsonObject(object) || !isJsonObject(metadata)) {
    throw new ClusterError("unreachable", `Cannot read an object of ${path.plural}: no metadata`);
  }
  return { ...object, apiVersion: path.apiVersion, kind: path.kind, metadata };
}

async function* lines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let pieces: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, start)) {
      pieces.push(chunk.subarray(start, end));
      yield decoder.decode(joined(pieces));
      pieces = [];
      size = 0;
      start = end + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
    size += chunk.length - start;
    if (size > MAX_LINE_BYTES) {
      throw new RangeError(`Cannot read a watch event of more than ${MAX_LINE_BYTES} bytes`);
    }
  }
  // What is left of a line was cut off with the connection; its event comes again.
}

function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

function eventOf(line: string, path: ResourcePath): WatchEvent {
  const event = parseLine(line, path);
  const type = member(event, "type");
  const object = member(event, "object");
  switch (type) {
    case "ADDED":
    case "MODIFIED":
    case "DELETED":
    case "BOOKMARK":
      return { type, object: asKind(object, path) };
    case "ERROR":
      throw refusalByStatus(object, { status: 500 });
    default:
      throw noEvent(path);
  }
}

function parseLine(line: string, path: ResourcePath): JsonValue {
  try {
    return parseExactJson(line);
  } catch {
    throw noEvent(path); // without its cause: a SyntaxError quotes what it read
  }
}

function noEvent(path: ResourcePath): ClusterError {
  return new ClusterError(
    "unreachable",
    `Cannot watch ${path.plural}: the server sent what is no event`,
  );
}

// SPDX-License-Identifier: Apache-2.0

import {
  documentValue,
  isJsonObject,
  type JsonObject,
  readDocuments,
  renderDiagnostic,
} from "../language/mod.ts";
import { UsageError } from "./command_io.ts";
import { unreadableReason } from "./unreadable_reason.ts";

/**
 * The objects of a YAML or JSON file, such as a trigger or what a cluster holds.
 *
 * @throws {UsageError} If it cannot be read, is not YAML, or holds something else than objects
 */
export async function readObjects(path: string): Promise<readonly JsonObject[]> {
  const documents = readDocuments({ path, bytes: await readBytes(path) }, { withForeign: true });
  const fault = documents.flatMap(({ diagnostics }) => diagnostics)
    .find(({ severity }) => severity === "error");
  if (fault !== undefined) {
    throw new UsageError(`Cannot read "${path}":\n${renderDiagnostic(fault)}`);
  }
  return documents.map((document) => {
    const value = documentValue(document);
    if (value !== undefined && isJsonObject(value)) return value;
    throw new UsageError(`Cannot use "${path}": expected maps, found something else`);
  });
}

/** The only object of a file. */
export async function readObjectFile(path: string): Promise<JsonObject> {
  const objects = await readObjects(path);
  const [object] = objects;
  if (object !== undefined && objects.length === 1) return object;
  throw new UsageError(`Cannot use "${path}": expected one document, found ${objects.length}`);
}

async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await Deno.readFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read "${path}": ${unreadableReason(error)}`);
  }
}

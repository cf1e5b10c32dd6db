// SPDX-License-Identifier: Apache-2.0

import { isJsonObject } from "../../language/mod.ts";
import type { JsonObject, JsonValue } from "../../language/mod.ts";
import { badRequest, StatusError, unsupportedMediaType } from "../status_error.ts";
import { PROTOBUF, readProtobuf } from "./protobuf_body.ts";
import { parseWireJson } from "./wire_json.ts";

/** As the API server: 3 MiB. */
const MAX_BYTES = 3 * 1024 * 1024;

/** The body of a request as JSON; `undefined` when there is none. */
export async function readBody(request: Request): Promise<JsonValue | undefined> {
  const text = new TextDecoder().decode(await readBytes(request));
  if (text.trim() === "") return undefined;
  try {
    return parseWireJson(text);
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : String(error);
    throw badRequest(`the object provided is unrecognized: only JSON can be read: ${reason}`);
  }
}

/** The body of a request, which must be an object. */
export async function readObject(request: Request): Promise<JsonObject> {
  const type = mediaType(request);
  if (type === PROTOBUF) return readProtobuf(await readBytes(request));
  if (type !== "" && type !== "application/json") throw unsupportedMediaType(["application/json"]);
  const body = await readBody(request);
  if (isJsonObject(body)) return body;
  throw badRequest("the object provided is unrecognized: the body must be a JSON object");
}

/** The media type of the body, without parameters. */
export function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      const message = `Request entity too large: limit is ${MAX_BYTES}`;
      throw new StatusError(413, "RequestEntityTooLarge", message);
    }
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.length;
  }
  return bytes;
}

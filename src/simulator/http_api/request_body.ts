// SPDX-License-Identifier: Apache-2.0

import { isJsonObject } from "../../language/mod.ts";
import type { JsonObject, JsonValue } from "../../language/mod.ts";
import { badRequest, StatusError, unsupportedMediaType } from "../status_error.ts";
import { parseWireJson } from "./wire_json.ts";

/** As the API server: 3 MiB. */
const MAX_BYTES = 3 * 1024 * 1024;

/** The body of a request as JSON; `undefined` when there is none. */
export async function readBody(request: Request): Promise<JsonValue | undefined> {
  const text = await readText(request);
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
  checkJson(request);
  const body = await readBody(request);
  if (isJsonObject(body)) return body;
  throw badRequest("the object provided is unrecognized: the body must be a JSON object");
}

/** Refuses a body that says it is something else than JSON, protobuf above all. */
export function checkJson(request: Request): void {
  const type = mediaType(request);
  if (type === "" || type === "application/json") return;
  throw unsupportedMediaType(["application/json"]);
}

/** The media type of the body, without parameters. */
export function mediaType(request: Request): string {
  return (request.headers.get("content-type") ?? "").split(";")[0]?.trim() ?? "";
}

async function readText(request: Request): Promise<string> {
  const { body } = request;
  if (body === null) return "";
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > MAX_BYTES) {
      throw new StatusError(
        413,
        "RequestEntityTooLarge",
        `Request entity too large: limit is ${MAX_BYTES}`,
      );
    }
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

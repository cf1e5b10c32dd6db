// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../runtime/mod.ts";
import { RepositoryError, type RepositoryErrorCode } from "../../runtime/ports.ts";
import { networkReason } from "../network_reason.ts";
import { StreamIdleError } from "../open_stream.ts";
import { SecretFileError } from "../secret_file.ts";
import { PacketError } from "./pkt_line.ts";

/** An answer of a server that is not what was asked for. */
export class TransportError extends Error {
  override readonly name = "TransportError";
  constructor(readonly code: RepositoryErrorCode, message: string) {
    super(message);
  }
}

/** Says that an object is of another type than it must be. */
export function wrongType(id: string, wanted: string): TransportError {
  return new TransportError("broken-transfer", `object ${id} is not ${wanted}`);
}

/** No object of this id. The code is that of the library, which the readers above look for. */
export class ObjectMissingError extends Error {
  override readonly name = "ObjectMissingError";
  readonly code = "NotFoundError";
  constructor(id: string) {
    super(`There is no object "${id}"`);
  }
}

/** Says that a repository is too large to be mirrored in memory, and what is for those. */
export function overLimit(what: string): TransportError {
  const advice = "the git command mirrors larger repositories on disk (--git-backend git)";
  return new TransportError("limit-exceeded", `${what}; ${advice}`);
}

/** Whether something is beyond a limit. */
export function isOverLimit(error: unknown): boolean {
  return error instanceof TransportError && error.code === "limit-exceeded";
}

/** What is wrong, as a code and as the second half of a sentence. */
interface Cause {
  readonly code: RepositoryErrorCode;
  readonly text: string;
}

/**
 * Turns whatever went wrong into a {@linkcode RepositoryError}.
 *
 * @param doing What could not be done: `fetch "https://…"`; holds no credentials
 * @param error What was thrown; an abort of `signal` must have been rethrown before
 * @returns The error; one that is a RepositoryError already is returned as it is
 */
export function repositoryError(doing: string, error: unknown): RepositoryError {
  if (error instanceof RepositoryError) return error;
  const { code, text } = causeOf(error);
  return new RepositoryError(code, `Cannot ${doing}: ${text}`, { cause: withoutAddress(error) });
}

/** `fetch` repeats the address in its message; after a redirect it may hold a signature. */
const ADDRESS = / for url \(.*?\)(?=:|$)/g;

function withoutAddress(error: unknown): unknown {
  if (!(error instanceof TypeError)) return error;
  return new TypeError(error.message.replaceAll(ADDRESS, ""));
}

function causeOf(error: unknown): Cause {
  if (error instanceof TransportError) return { code: error.code, text: error.message };
  if (error instanceof PacketError) {
    return { code: "broken-transfer", text: `the transfer is broken: ${error.message}` };
  }
  if (error instanceof StreamIdleError) return { code: "timeout", text: error.message };
  if (error instanceof SecretFileError) {
    return { code: "unauthorized", text: error.message.replace(/^C/, "c") };
  }
  return foreignCause(error);
}

/** Errors of isomorphic-git carry a `code`; those of `fetch` and of the file system do not say. */
function foreignCause(error: unknown): Cause {
  const code = codeOf(error);
  const found = FOREIGN[code];
  if (found !== undefined) return found;
  if (error instanceof TypeError || /^(ECONN|EPIPE|EAI|ENOTFOUND)/.test(code)) {
    return { code: "unreachable", text: `the server cannot be reached: ${networkText(error)}` };
  }
  return { code: "broken-transfer", text: firstLine(error) };
}

const FOREIGN: Readonly<Record<string, Cause>> = {
  SmartHttpError: {
    code: "no-such-repository",
    text: "the address does not answer with Git's smart HTTP protocol",
  },
  NotFoundError: { code: "broken-transfer", text: "an object is missing" },
  ENOENT: { code: "no-such-repository", text: "there is no such file or directory" },
  EACCES: { code: "unauthorized", text: "reading it is not permitted" },
  NotCapable: { code: "unauthorized", text: "Deno was not given the permission to read it" },
};

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  if ("code" in error && typeof error.code === "string") return error.code;
  return error.name;
}

function networkText(error: unknown): string {
  return networkReason(error).replaceAll(ADDRESS, "").split("\n", 1)[0] ?? "";
}

function firstLine(error: unknown): string {
  const message = errorText(error);
  return message.replaceAll(ADDRESS, "").split("\n", 1)[0] ?? "";
}

// SPDX-License-Identifier: Apache-2.0

import { type Credentials, splitCredentials } from "./credentials.ts";

/** A place that holds a repository. */
export type GitLocation =
  | {
    readonly type: "http";
    /** As it may be shown and sent. */
    readonly address: string;
    readonly credentials?: Credentials;
  }
  | { readonly type: "ssh"; readonly address: string }
  | { readonly type: "local"; readonly path: string };

const SCHEME = /^([a-z][a-z0-9+.-]*):\/\//i;
/** Nothing here can be taken for an option, by git or by ssh. */
const USER = "[A-Za-z0-9_][A-Za-z0-9_.+-]*";
const HOST = "[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?";
const SSH_URL = new RegExp(
  `^ssh://(?:${USER}@)?(?:${HOST}|\\[[0-9a-fA-F:.]+\\])(?::\\d{1,5})?/[^-].*$`,
  "i",
);
const SSH_SHORT = new RegExp(`^${USER}@${HOST}:[^-].*$`);
// deno-lint-ignore no-control-regex -- control characters are what it looks for
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Reads where a repository is: an http or https URL, `ssh://user@host/path`, `user@host:path`, a
 * `file://` URL, or the path of a local one.
 *
 * @throws {TypeError} If it is none of them; the message does not repeat it, as it may hold
 * credentials
 */
export function readGitLocation(text: string): GitLocation {
  if (CONTROL.test(text)) throw refused("it holds control characters");
  const scheme = SCHEME.exec(text)?.[1]?.toLowerCase();
  switch (scheme) {
    case "http":
    case "https": {
      const { url, credentials } = splitCredentials(text);
      return { type: "http", address: url, ...(credentials === undefined ? {} : { credentials }) };
    }
    case "ssh":
      if (SSH_URL.test(text)) return { type: "ssh", address: text };
      throw refused("expected ssh://user@host/path, without a password");
    case "file":
      return { type: "local", path: decodeURIComponent(new URL(text).pathname) };
    case undefined:
      return SSH_SHORT.test(text) ? { type: "ssh", address: text } : { type: "local", path: text };
    default:
      throw new TypeError(
        `Cannot open a "${scheme}" repository: expected an http, https or ssh URL, or a local path`,
      );
  }
}

function refused(why: string): TypeError {
  return new TypeError(`Cannot use the address of the repository: ${why}`);
}

// SPDX-License-Identifier: Apache-2.0

import type { RepositoryErrorCode } from "../../runtime/ports.ts";
import { credentialAdvice, PROXY_ADVICE } from "./credential_files.ts";
import { TransportError } from "./failure.ts";

const KNOWN_HOSTS = "--git-known-hosts-file, or ssh.knownHostsFile of the source in the " +
  "configuration file";
const KEY_FILE = "--git-ssh-key-file, or ssh.keyFile of the source in the configuration file";

/**
 * What git and ssh say, and what is meant by it: the first that fits. They have one exit code for
 * all of them, and say more than one thing.
 */
const FAILURES: readonly {
  readonly pattern: RegExp;
  readonly code: RepositoryErrorCode;
  readonly advice?: string | typeof credentialAdvice;
}[] = [
  {
    pattern: /could not read (?:Username|Password)|Authentication failed|returned error: 40[13]\b/,
    code: "unauthorized",
    advice: credentialAdvice,
  },
  {
    pattern: /returned error: 407\b|407 from proxy|response 407/,
    code: "unauthorized",
    advice: PROXY_ADVICE,
  },
  {
    pattern: /REMOTE HOST IDENTIFICATION HAS CHANGED/,
    code: "unauthorized",
    advice: `the host shows another key than the one that is known of it (${KNOWN_HOSTS}): ` +
      "find out why before that is changed",
  },
  {
    pattern: /Host key verification failed|No \S+ host key is known/,
    code: "unauthorized",
    advice: `put the key of the host into the file of ${KNOWN_HOSTS}`,
  },
  {
    pattern:
      /Identity file .* not accessible|no such identity|Permissions \S+ for .* are too open|Load key /,
    code: "unauthorized",
    advice: `the key file must be there, without a passphrase, and for nobody else to read ` +
      `(${KEY_FILE})`,
  },
  {
    pattern: /Permission denied \(/,
    code: "unauthorized",
    advice: `set ${KEY_FILE}, to a key that the server knows and that has no passphrase`,
  },
  { pattern: /transport '.*' not allowed/, code: "unauthorized" },
  { pattern: /attempting to allocate/, code: "limit-exceeded" },
  {
    pattern: /returned error: 30[1278]\b|unable to update url base/,
    code: "unreachable",
    advice: "git is told to follow no redirect: name the address that it leads to",
  },
  { pattern: /Operation too slow|timed? ?out|Timeout/i, code: "timeout" },
  {
    pattern: /repository .*not found|not appear to be a git repository|returned error: 404\b/i,
    code: "no-such-repository",
  },
  {
    pattern:
      /Connection (?:closed|reset) by|kex_exchange_identification|Could not resolve host|Connection refused|Failed to connect|Network is unreachable|No route to host|returned error: 5\d\d\b|unable to access/i,
    code: "unreachable",
  },
];

/**
 * What a failed git process meant.
 *
 * @param stderr The end of what it said; git's own configuration holds the credentials, and it
 * does not repeat them
 * @param wereShown Whether the server was shown credentials
 */
export function gitFailure(
  stderr: string,
  { wereShown = false }: { readonly wereShown?: boolean } = {},
): TransportError {
  const found = FAILURES.find(({ pattern }) => pattern.test(stderr));
  const advice = typeof found?.advice === "function" ? found.advice({ wereShown }) : found?.advice;
  const said = `git says "${tellingLine(stderr, found?.pattern)}"`;
  const text = advice === undefined ? said : `${said}; ${advice}`;
  return new TransportError(found?.code ?? "broken-transfer", text);
}

const MAX_LINE = 300;

/** The line that tells what is meant, else the first fatal one, or what there is. */
function tellingLine(stderr: string, pattern: RegExp | undefined): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.trim()).filter((line) => line !== "");
  const line = lines.find((text) => pattern?.test(text)) ??
    lines.find((text) => /^(?:fatal|error|ssh|Host key)\b/.test(text)) ??
    lines.at(-1) ?? "nothing";
  // ssh frames what is grave with these.
  const words = line.replace(/^[@\s]+|[@\s]+$/g, "").replace(/^(?:fatal|warning): /i, "");
  // deno-lint-ignore no-control-regex -- a server may send them to fool a terminal
  return words.replaceAll(/[\u0000-\u001f\u007f-\u009f]/g, "").slice(0, MAX_LINE);
}

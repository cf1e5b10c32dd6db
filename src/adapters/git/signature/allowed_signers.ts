// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../../runtime/mod.ts";
import { SecretFileError } from "../../secret_file.ts";
import { isKnownKeyType, readSshKey, type SshKey } from "./ssh_key.ts";

/** A line of an `allowed_signers` file: who may sign with which key. */
export interface AllowedSigner {
  /** Patterns of principals, as they stand there. */
  readonly principals: string;
  readonly key: SshKey;
  /** Whether the key is that of an authority, whose certificates count. */
  readonly isAuthority: boolean;
  /** Patterns of what may be signed; absent for everything. */
  readonly namespaces?: string;
  /** Seconds since 1970, the first that counts and the last one. */
  readonly validAfter?: number;
  readonly validBefore?: number;
}

/**
 * Reads a file in the form that `ssh-keygen` and git's `gpg.ssh.allowedSignersFile` take: principals,
 * options, type and key in each line. Keys of types that nobody can check are left out.
 *
 * @param what What it is, for errors: `the allowed signers "/etc/koreo/allowed_signers"`
 * @throws {SecretFileError} Names the first line that cannot be read: a line that is overlooked
 * could be the one that restricts a key
 */
export function readAllowedSigners(text: string, what: string): readonly AllowedSigner[] {
  const signers = text.split(/\r?\n/).flatMap((line, index) => {
    try {
      return readLine(line) ?? [];
    } catch (error) {
      const why = errorText(error);
      throw new SecretFileError(`Cannot use ${what}: line ${index + 1}: ${why}`);
    }
  });
  if (signers.length > 0) return signers;
  throw new SecretFileError(`Cannot use ${what}: it names nobody`);
}

const WORD = String.raw`(?:"(?:\\"|[^"])*"|[^\s"])+`;
const LINE = new RegExp(
  String.raw`^(${WORD})\s+(?:(${WORD})\s+)??(\S+)\s+([A-Za-z0-9+/]+=*)(?:\s.*)?$`,
);

function readLine(line: string): AllowedSigner | undefined {
  const content = line.trim();
  if (content === "" || content.startsWith("#")) return undefined;
  const [, principals, options, type, encoded] = LINE.exec(content) ?? [];
  if (principals === undefined || type === undefined || encoded === undefined) {
    throw new TypeError("expected principals, options, the type of a key and the key");
  }
  const read = { ...readOptions(options ?? ""), principals: unquoted(principals) };
  if (!isKnownKeyType(type)) return foreign(type);
  const key = readSshKey(Uint8Array.fromBase64(encoded));
  if (key.type !== type) throw new TypeError(`the key is of type "${key.type}", not "${type}"`);
  return { ...read, key };
}

/** A type that OpenSSH has, or may have one day; anything else is a word in the wrong place. */
function foreign(type: string): undefined {
  if (/^(?:sk-|ssh-|ecdsa-|webauthn-)/.test(type)) return undefined;
  throw new TypeError(`"${type.slice(0, 60)}" is no type of a key`);
}

type Options = Omit<AllowedSigner, "principals" | "key">;

const OPTION = /^(?:([a-z-]+)(?:="((?:\\"|[^"])*)")?)(?:,|$)/i;

function readOptions(text: string): Options {
  let options: Options = { isAuthority: false };
  const seen = new Set<string>();
  for (let rest = text; rest !== "";) {
    const [whole, name = "", value] = OPTION.exec(rest) ?? [];
    if (whole === undefined) throw new TypeError(`cannot read the options "${rest.slice(0, 60)}"`);
    // Which of two counts nobody could say: ssh-keygen refuses them, too.
    if (seen.has(name.toLowerCase())) throw new TypeError(`"${name}" is there twice`);
    seen.add(name.toLowerCase());
    options = { ...options, ...readOption(name.toLowerCase(), value) };
    rest = rest.slice(whole.length);
  }
  return options;
}

function readOption(name: string, value: string | undefined): Partial<Options> {
  if (name === "cert-authority" && value === undefined) return { isAuthority: true };
  if (value !== undefined) {
    if (name === "namespaces") return { namespaces: value };
    if (name === "valid-after") return { validAfter: secondsOf(value) };
    if (name === "valid-before") return { validBefore: secondsOf(value) };
  }
  throw new TypeError(
    `"${name}" is no option, or lacks its value; ` +
      'there are cert-authority, namespaces="…", valid-after="…" and valid-before="…"',
  );
}

const TIME = /^(\d{4})(\d{2})(\d{2})(?:(\d{2})(\d{2})(\d{2})?)?(Z)?$/;

/** `YYYYMMDD`, `YYYYMMDDHHMM` or `YYYYMMDDHHMMSS`: local time, with a `Z` that of the world. */
function secondsOf(text: string): number {
  const [, year, month, day, hour = "0", minute = "0", second = "0", zone] = TIME.exec(text) ?? [];
  const parts = [year, month, day, hour, minute, second].map(Number);
  const [y = NaN, mo = NaN, d = NaN, h = NaN, mi = NaN, s = NaN] = parts;
  const at = zone === undefined
    ? new Date(y, mo - 1, d, h, mi, s).getTime()
    : Date.UTC(y, mo - 1, d, h, mi, s);
  if (
    !Number.isNaN(at) && mo >= 1 && mo <= 12 && d >= 1 && d <= 31 && h < 24 && mi < 60 && s < 60
  ) {
    return at / 1_000;
  }
  throw new TypeError(
    `"${text}" is no time; expected YYYYMMDD or YYYYMMDDHHMM[SS], with Z for UTC`,
  );
}

function unquoted(word: string): string {
  return word.replaceAll(
    /"((?:\\"|[^"])*)"/g,
    (_whole, inner: string) => inner.replaceAll('\\"', '"'),
  );
}

/**
 * Whether a text matches a list of patterns: separated by commas, with `*` and `?`; one that begins
 * with `!` and matches decides against all others.
 */
export function matchesPatterns(text: string, patterns: string): boolean {
  const all = patterns.split(",").map((pattern) => pattern.trim()).filter((one) => one !== "");
  const [excluded, included] = [true, false].map((isExcluded) =>
    all.filter((pattern) => pattern.startsWith("!") === isExcluded)
      .map((pattern) => isExcluded ? pattern.slice(1) : pattern)
  );
  const matches = (pattern: string) => matchesPattern(text, pattern);
  return !(excluded ?? []).some(matches) && (included ?? []).some(matches);
}

/** Without a regular expression: a pattern with many stars must not take for ever. */
function matchesPattern(text: string, pattern: string): boolean {
  let [at, next, star, from] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[next] === "*") {
      star = next++;
      from = at;
    } else if (pattern[next] === "?" || pattern[next] === text[at]) {
      at++;
      next++;
    } else if (star >= 0) {
      next = star + 1;
      at = ++from;
    } else return false;
  }
  while (pattern[next] === "*") next++;
  return next === pattern.length;
}

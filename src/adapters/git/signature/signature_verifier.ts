// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { readSecretFile } from "../../secret_file.ts";
import type { RawObject } from "../pack_cache.ts";
import {
  MAX_SIGNATURE_BYTES,
  signedCommit,
  type SignedObject,
  signedTag,
} from "./signed_object.ts";
import { bad, type SignatureCheck, type Verdict } from "./verdict.ts";
import { createPgpCheck } from "./verify_pgp.ts";
import { createSshCheck } from "./verify_ssh.ts";

/** Who may sign what is put in force. At least one of the two; read anew whenever it is needed. */
export interface VerifySettings {
  /** A file in OpenSSH's `allowed_signers` format. */
  readonly allowedSignersFile?: string;
  /** A file of armored public PGP keys. */
  readonly pgpKeysFile?: string;
}

/** Says of commits and tags whether they are signed by whoever may. */
export interface SignatureVerifier {
  /**
   * Checks a commit or an annotated tag.
   *
   * @throws {SecretFileError} If the files of those who may sign cannot be used
   */
  verify(object: RawObject): Promise<Verdict>;
  /** Who may sign, for people. */
  accepted(): Promise<readonly string[]>;
  /** Changes when the files do: until then a verdict stays what it is. */
  state(): Promise<string>;
}

interface Checks {
  readonly state: string;
  readonly checks: readonly SignatureCheck[];
}

const MAX_OBJECT_BYTES = 8 * 1024 * 1024;

/** Makes a verifier; nothing is read before the first question. */
export function createSignatureVerifier(settings: VerifySettings): SignatureVerifier {
  let known: Checks | undefined;
  const current = async (): Promise<Checks> => known = await readChecks(settings, known);
  return {
    async verify(object) {
      const { checks } = await current();
      return await checkObject(checks, object);
    },
    accepted: async () => (await current()).checks.flatMap((check) => check.accepted),
    state: async () => (await current()).state,
  };
}

async function readChecks(
  { allowedSignersFile, pgpKeysFile }: VerifySettings,
  known: Checks | undefined,
): Promise<Checks> {
  const ssh = await fileText(allowedSignersFile, "the allowed signers");
  const pgp = await fileText(pgpKeysFile, "the PGP keys of those who may sign");
  const state = createHash("sha256").update(JSON.stringify([ssh?.text, pgp?.text])).digest("hex");
  if (known?.state === state) return known;
  return {
    state,
    checks: [
      ...ssh === undefined ? [] : [createSshCheck(ssh.text, ssh.what)],
      ...pgp === undefined ? [] : [await createPgpCheck(pgp.text, pgp.what)],
    ],
  };
}

async function fileText(
  path: string | undefined,
  holds: string,
): Promise<{ readonly text: string; readonly what: string } | undefined> {
  if (path === undefined) return undefined;
  return { text: await readSecretFile(path, holds), what: `${holds} "${path}"` };
}

async function checkObject(
  checks: readonly SignatureCheck[],
  { type, bytes }: RawObject,
): Promise<Verdict> {
  if (bytes.length > MAX_OBJECT_BYTES) {
    return bad(`it has more than ${MAX_OBJECT_BYTES} bytes, too many to be checked`);
  }
  const signed = type === "tag" ? signedTag(bytes) : signedCommit(bytes);
  if (signed === undefined) return bad("it is not signed");
  if (signed.signature === "" || signed.signature.length > MAX_SIGNATURE_BYTES) {
    return bad("its signature cannot be read");
  }
  return await checkSigned(checks, signed);
}

async function checkSigned(
  checks: readonly SignatureCheck[],
  { payload, signature }: SignedObject,
): Promise<Verdict> {
  const check = checks.find(({ marks }) => marks.some((mark) => signature.startsWith(mark)));
  if (check !== undefined) return await check.check(payload, signature, timeOf(payload));
  const [mark = ""] = /-----BEGIN [A-Z ]{1,30}-----/.exec(signature) ?? [];
  return bad(`its signature is of a form for which nobody is allowed (${mark.slice(11, -5)})`);
}

/** Seconds since 1970 at which a commit was committed or a tag made, as it says itself. */
function timeOf(payload: Uint8Array): number {
  const text = new TextDecoder("latin1").decode(payload.subarray(0, MAX_SIGNATURE_BYTES));
  const [head = ""] = text.split("\n\n", 1);
  return Number(/^(?:committer|tagger) .*> (\d{1,15}) [+-]\d{4}$/m.exec(head)?.[1] ?? 0);
}

// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../../../runtime/mod.ts";
import type * as OpenPgp from "openpgp";
import { SecretFileError } from "../../secret_file.ts";
import { bad, type SignatureCheck, type Verdict } from "./verdict.ts";

const BLOCK = /-----BEGIN PGP ([A-Z ]+)-----[^]*?-----END PGP \1-----/g;

let loading: Promise<typeof OpenPgp> | undefined;

/** OpenPGP.js, loaded when keys are first read: it costs 30 megabytes. */
function loadOpenPgp(): Promise<typeof OpenPgp> {
  return loading ??= import("openpgp");
}

/**
 * Checks PGP signatures against the keys of those who may sign, with their expiry, revocations and
 * subkeys as of the time of the signature.
 *
 * @param text Public keys, armored, one block behind the other
 * @param what The file, for errors
 * @throws {SecretFileError} If there is no key, or one cannot be read
 */
export async function createPgpCheck(text: string, what: string): Promise<SignatureCheck> {
  const openPgp = await loadOpenPgp();
  const keys = await readKeys(openPgp, text, what);
  return {
    marks: ["-----BEGIN PGP SIGNATURE-----", "-----BEGIN PGP MESSAGE-----"],
    accepted: keys.map(describe),
    check: (payload, signature) => checkPgp({ openPgp, keys }, payload, signature),
  };
}

async function readKeys(
  openPgp: typeof OpenPgp,
  text: string,
  what: string,
): Promise<readonly OpenPgp.Key[]> {
  const blocks = [...text.matchAll(BLOCK)];
  const refuse = (why: string): never => {
    throw new SecretFileError(`Cannot use ${what}: ${why}`);
  };
  if (blocks.length === 0) {
    refuse("there is no armored public key in it, as gpg --export --armor writes it");
  }
  const keys: OpenPgp.Key[] = [];
  for (const [index, [armoredKeys, type]] of blocks.entries()) {
    if (type !== "PUBLIC KEY BLOCK") {
      refuse(`it holds a "${type}", and public keys alone are taken`);
    }
    try {
      keys.push(...await openPgp.readKeys({ armoredKeys }));
    } catch {
      refuse(`key ${index + 1} cannot be read`);
    }
  }
  return await mergedKeys(keys);
}

/**
 * One key for each fingerprint: whoever revokes or extends a key may put its new form behind the old
 * one, and what either of them says counts, as it does for gpg.
 */
async function mergedKeys(keys: readonly OpenPgp.Key[]): Promise<readonly OpenPgp.Key[]> {
  const merged = new Map<string, OpenPgp.Key>();
  for (const key of keys) {
    const known = merged.get(key.getFingerprint());
    merged.set(key.getFingerprint(), known === undefined ? key : await known.update(key));
  }
  return [...merged.values()];
}

function describe(key: OpenPgp.Key): string {
  const [user = "somebody"] = key.getUserIDs();
  return `${user} (PGP ${key.getFingerprint().toUpperCase()})`;
}

/**
 * Whoever extends a key replaces its self-signature by a newer one: what was signed before stays
 * good as long as the key is valid now.
 */
const CONFIGURATION = { allowInsecureVerificationWithReformattedKeys: true };

interface Allowed {
  readonly openPgp: typeof OpenPgp;
  readonly keys: readonly OpenPgp.Key[];
}

async function checkPgp(
  { openPgp, keys }: Allowed,
  payload: Uint8Array,
  armoredSignature: string,
): Promise<Verdict> {
  const signature = await openPgp.readSignature({ armoredSignature }).catch(() => undefined);
  const [packet, another] = signature?.packets ?? [];
  const [id] = signature?.getSigningKeyIDs() ?? [];
  if (signature === undefined || packet === undefined || another !== undefined || !id) {
    return bad("its PGP signature cannot be read");
  }
  const key = keys.find((one) => one.getKeys(id).length > 0);
  if (key === undefined) {
    return bad(`it is signed by a key that is not allowed, PGP ${id.toHex().toUpperCase()}`);
  }
  const message = await openPgp.createMessage({ binary: payload });
  const { signatures: [found] } = await openPgp.verify({
    message,
    signature,
    verificationKeys: [key],
    format: "binary",
    config: CONFIGURATION,
  });
  try {
    await found?.verified;
    if (found !== undefined) return { type: "good", signer: describe(key) };
  } catch (error) {
    return bad(`it is signed by ${describe(key)}, but ${await whyNot(key, packet, error)}`);
  }
  return bad("its PGP signature cannot be read");
}

/** The library has one error for all; what is wrong is asked of the key. */
async function whyNot(
  key: OpenPgp.Key,
  { created }: OpenPgp.SignaturePacket,
  error: unknown,
): Promise<string> {
  const at = created ?? undefined;
  if (await key.isRevoked(undefined, undefined, at)) return "that key was revoked";
  const expires = await key.getExpirationTime();
  if (expires instanceof Date && at !== undefined && at >= expires) {
    return `that key has expired at ${expires.toISOString()}`;
  }
  const said = errorText(error);
  return `the signature does not hold: ${said.split("\n", 1)[0]}`;
}

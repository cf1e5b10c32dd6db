// SPDX-License-Identifier: Apache-2.0

import { joinBytes } from "../join_bytes.ts";
import { readKeyOf, readSshKey, type SshKey } from "./ssh_key.ts";
import { SshFormatError, wireBytes, type WireReader, wireReader } from "./ssh_wire.ts";

/** What a certificate says of its key. Its own signature holds, whoever made it. */
export interface SshCertificate {
  /** Key of the authority that signed it. */
  readonly authority: SshKey;
  /** Whom it speaks of. */
  readonly principals: readonly string[];
  /** Seconds since 1970, the first that counts and the first that does not. */
  readonly validAfter: bigint;
  readonly validBefore: bigint;
}

/** A key that signs, with the certificate it is shown in. */
export interface PresentedKey {
  readonly key: SshKey;
  readonly certificate?: SshCertificate;
}

const SUFFIX = "-cert-v01@openssh.com";
const USER_CERTIFICATE = 1;

/**
 * Reads a public key, or a certificate that holds one.
 *
 * @throws {SshFormatError} If it is none, or is not signed by the authority that it names
 */
export function readPresentedKey(blob: Uint8Array): PresentedKey {
  const reader = wireReader(blob);
  const type = reader.text();
  if (!type.endsWith(SUFFIX)) return { key: readSshKey(blob) };
  reader.bytes(); // a nonce
  const plain = plainType(type);
  const from = reader.at;
  const verify = readKeyOf(plain, reader);
  // The key without its certificate, as it stands in a key file.
  const keyBlob = joinBytes([wireBytes(plain), blob.subarray(from, reader.at)]);
  return { key: { type: plain, blob: keyBlob, verify }, certificate: readRest(blob, reader) };
}

/** `sk-ssh-ed25519-cert-v01@openssh.com` is of `sk-ssh-ed25519@openssh.com`. */
function plainType(type: string): string {
  const stem = type.slice(0, -SUFFIX.length);
  return stem.startsWith("sk-") ? `${stem}@openssh.com` : stem;
}

function readRest(blob: Uint8Array, reader: WireReader): SshCertificate {
  reader.uint64(); // a serial number
  const type = reader.uint32();
  reader.bytes(); // what the authority calls it
  const principals = textsIn(reader.bytes());
  const [validAfter, validBefore] = [reader.uint64(), reader.uint64()];
  const critical = reader.bytes();
  reader.bytes(); // extensions: they permit things of a login
  reader.bytes(); // reserved
  const authority = readSshKey(reader.bytes());
  const signed = blob.subarray(0, reader.at);
  const signature = reader.bytes();
  reader.end();
  if (type !== USER_CERTIFICATE) throw new SshFormatError("its certificate is not one of a user");
  if (critical.length > 0) {
    throw new SshFormatError("its certificate has critical options, which a signature cannot obey");
  }
  if (!authority.verify(signed, signature)) {
    throw new SshFormatError("its certificate is not signed by the authority that it names");
  }
  return { authority, principals, validAfter, validBefore };
}

function textsIn(bytes: Uint8Array): readonly string[] {
  const reader = wireReader(bytes);
  const texts: string[] = [];
  while (!reader.isDone) texts.push(reader.text());
  return texts;
}

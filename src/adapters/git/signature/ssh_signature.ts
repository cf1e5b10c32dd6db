// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { joinBytes } from "../join_bytes.ts";
import { type PresentedKey, readPresentedKey } from "./ssh_certificate.ts";
import { SshFormatError, wireBytes, wireReader } from "./ssh_wire.ts";

/** A signature as `ssh-keygen -Y sign` makes it. */
export interface SshSignature {
  /** The key that it says it is of, or a certificate with one. Nothing is proved by that. */
  readonly presented: PresentedKey;
  /** Whether it is one of this key for these bytes, made for `namespace`. */
  fits(payload: Uint8Array): boolean;
}

const MAGIC = "SSHSIG";
const HASHES: ReadonlySet<string> = new Set(["sha256", "sha512"]);
const ARMORED =
  /^-----BEGIN SSH SIGNATURE-----\r?\n([A-Za-z0-9+/=\r\n]+)-----END SSH SIGNATURE-----\s*$/;

/**
 * Reads an armored signature (PROTOCOL.sshsig of OpenSSH).
 *
 * @param namespace What it must have been made for: one made for mail, say, is no one of a commit
 * @throws {SshFormatError} If it is none, or made for something else
 */
export function readSshSignature(armored: string, namespace: string): SshSignature {
  const reader = wireReader(unarmored(armored));
  const magic = new TextDecoder("latin1").decode(reader.raw(MAGIC.length));
  if (magic !== MAGIC || reader.uint32() !== 1) throw new SshFormatError("it is no SSH signature");
  const presented = readPresentedKey(reader.bytes());
  const [madeFor, reserved, hash] = [reader.text(), reader.bytes(), reader.text()];
  const signature = reader.bytes();
  reader.end();
  if (madeFor !== namespace) {
    throw new SshFormatError(
      `it was made for "${madeFor.slice(0, 60)}" and not for "${namespace}"`,
    );
  }
  if (!HASHES.has(hash)) throw new SshFormatError("it is of an unknown hash");
  return {
    presented,
    fits(payload) {
      const sum = createHash(hash).update(payload).digest();
      const message = joinBytes([
        new TextEncoder().encode(MAGIC),
        ...[namespace, reserved, hash, sum].map(wireBytes),
      ]);
      return presented.key.verify(message, signature);
    },
  };
}

function unarmored(armored: string): Uint8Array {
  const [, content] = ARMORED.exec(armored) ?? [];
  if (content === undefined) throw new SshFormatError("it is no armored SSH signature");
  try {
    return Uint8Array.fromBase64(content);
  } catch {
    throw new SshFormatError("it is not in base64");
  }
}

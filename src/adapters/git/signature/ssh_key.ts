// SPDX-License-Identifier: Apache-2.0

import { createHash, createPublicKey, verify } from "node:crypto";
import { joinBytes } from "../join_bytes.ts";
import { SshFormatError, type WireReader, wireReader } from "./ssh_wire.ts";

/** A public key that signatures can be checked with. */
export interface SshKey {
  /** `ssh-ed25519` and the like. */
  readonly type: string;
  /** As it stands in a key file: equal bytes, equal key. */
  readonly blob: Uint8Array;
  /**
   * Whether a signature in the wire format fits the message.
   *
   * @throws {SshFormatError} If it is no signature of this type of key
   */
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** A signature without its type, and what stands behind it. */
interface SignatureParts {
  readonly type: string;
  readonly value: Uint8Array;
  readonly rest: WireReader;
}

/** Checks a signature of one type of key. */
type Check = (message: Uint8Array, signature: SignatureParts) => boolean;

/** Reads what stands behind the type of a key and makes the check of its signatures. */
type ReadKey = (reader: WireReader) => Check;

const CURVES = {
  nistp256: { crv: "P-256", bytes: 32, hash: "sha256" },
  nistp384: { crv: "P-384", bytes: 48, hash: "sha384" },
  nistp521: { crv: "P-521", bytes: 66, hash: "sha512" },
} as const;

type Curve = keyof typeof CURVES;

/** Types of keys that signatures can be checked with. */
const READERS: Readonly<Record<string, ReadKey>> = {
  "ssh-ed25519": (reader) => ed25519(reader.bytes(), "ssh-ed25519"),
  "ecdsa-sha2-nistp256": (reader) => ecdsa(reader, "nistp256"),
  "ecdsa-sha2-nistp384": (reader) => ecdsa(reader, "nistp384"),
  "ecdsa-sha2-nistp521": (reader) => ecdsa(reader, "nistp521"),
  "ssh-rsa": rsa,
  "sk-ssh-ed25519@openssh.com": (reader) => {
    const check = ed25519(reader.bytes(), "sk-ssh-ed25519@openssh.com");
    return onToken(check, reader.bytes());
  },
  "sk-ecdsa-sha2-nistp256@openssh.com": (reader) => {
    const check = ecdsa(reader, "nistp256", "sk-ecdsa-sha2-nistp256@openssh.com");
    return onToken(check, reader.bytes());
  },
};

/** Whether keys of a type can be read at all. */
export function isKnownKeyType(type: string): boolean {
  return Object.hasOwn(READERS, type);
}

/**
 * Reads a public key.
 *
 * @throws {SshFormatError} If it is none, or of a type that is not supported
 */
export function readSshKey(blob: Uint8Array): SshKey {
  const reader = wireReader(blob);
  const type = reader.text();
  const check = readKeyOf(type, reader);
  reader.end();
  return { type, blob, verify: check };
}

/** Reads what stands behind the type of a key. */
export function readKeyOf(type: string, reader: WireReader): SshKey["verify"] {
  const read = isKnownKeyType(type) ? READERS[type] : undefined;
  if (read === undefined) {
    const known = Object.keys(READERS).join(", ");
    throw new SshFormatError(`keys of type "${type.slice(0, 60)}" are not supported; use ${known}`);
  }
  const check = read(reader);
  return (message, signature) => {
    const rest = wireReader(signature);
    const parts = { type: rest.text(), value: rest.bytes(), rest };
    const isGood = check(message, parts);
    rest.end();
    return isGood;
  };
}

/** A key as people compare it: `SHA256:…`. */
export function fingerprint({ blob }: Pick<SshKey, "blob">): string {
  const sum = createHash("sha256").update(blob).digest("base64");
  return `SHA256:${sum.replace(/=+$/, "")}`;
}

type PublicKey = ReturnType<typeof createPublicKey>;

function publicKey(jwk: Readonly<Record<string, string>>): PublicKey {
  try {
    return createPublicKey({ key: jwk, format: "jwk" });
  } catch {
    throw new SshFormatError("the key is not on its curve, or not of its length");
  }
}

function base64url(bytes: Uint8Array): string {
  return bytes.toBase64({ alphabet: "base64url", omitPadding: true });
}

function requireType(found: string, expected: string): void {
  if (found !== expected) throw new SshFormatError(`the signature is of another type than the key`);
}

function ed25519(point: Uint8Array, type: string): Check {
  if (point.length !== 32) throw new SshFormatError("the key has not 32 bytes");
  const key = publicKey({ kty: "OKP", crv: "Ed25519", x: base64url(point) });
  return (message, signature) => {
    requireType(signature.type, type);
    return signature.value.length === 64 && verify(null, message, key, signature.value);
  };
}

function ecdsa(reader: WireReader, name: Curve, type: string = `ecdsa-sha2-${name}`): Check {
  const { crv, bytes, hash } = CURVES[name];
  const [curve, point] = [reader.text(), reader.bytes()];
  if (curve !== name || point.length !== 1 + 2 * bytes || point[0] !== 4) {
    throw new SshFormatError(`the key is no point of ${name}`);
  }
  const [x, y] = [point.subarray(1, 1 + bytes), point.subarray(1 + bytes)];
  const key = publicKey({ kty: "EC", crv, x: base64url(x), y: base64url(y) });
  return (message, signature) => {
    requireType(signature.type, type);
    const numbers = wireReader(signature.value);
    const parts = [numbers.number(), numbers.number()].map((value) => padded(value, bytes));
    numbers.end();
    const value = joinBytes(parts);
    return verify(hash, message, { key, dsaEncoding: "ieee-p1363" }, value);
  };
}

const MIN_RSA_BITS = 2_048;
const MAX_RSA_BITS = 16_384;
const RSA_HASHES = new Map([["rsa-sha2-256", "sha256"], ["rsa-sha2-512", "sha512"]]);

function rsa(reader: WireReader): Check {
  const [exponent, modulus] = [reader.number(), reader.number()];
  const bits = modulus.length * 8;
  if (bits < MIN_RSA_BITS || bits > MAX_RSA_BITS) {
    throw new SshFormatError(
      `an RSA key has ${bits} bits; it must have ${MIN_RSA_BITS} to ${MAX_RSA_BITS}`,
    );
  }
  const key = publicKey({ kty: "RSA", e: base64url(exponent), n: base64url(modulus) });
  return (message, signature) => {
    const hash = RSA_HASHES.get(signature.type);
    if (hash === undefined) throw new SshFormatError("an RSA key must sign with SHA-2");
    return verify(hash, message, key, padded(signature.value, modulus.length));
  };
}

function padded(value: Uint8Array, length: number): Uint8Array {
  if (value.length > length) throw new SshFormatError("a number is too long");
  return joinBytes([new Uint8Array(length - value.length), value]);
}

/** A key in a security token signs what the token adds: for whom, whether it was touched, a count. */
function onToken(check: Check, application: Uint8Array): Check {
  return (message, signature) => {
    const added = signature.rest.raw(5);
    const sums = [application, message].map((part) => createHash("sha256").update(part).digest());
    const [forWhom, what] = sums;
    if (forWhom === undefined || what === undefined) return false;
    return check(joinBytes([forWhom, added, what]), signature);
  };
}

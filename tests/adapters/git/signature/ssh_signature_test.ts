// SPDX-License-Identifier: Apache-2.0

import { equal, match, throws } from "node:assert/strict";
import { createHash, generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import fc from "fast-check";
import { joinBytes } from "../../../../src/adapters/git/join_bytes.ts";
import { fingerprint, readSshKey } from "../../../../src/adapters/git/signature/ssh_key.ts";
import { readSshSignature } from "../../../../src/adapters/git/signature/ssh_signature.ts";
import { SshFormatError, wireBytes } from "../../../../src/adapters/git/signature/ssh_wire.ts";
import { createSshCheck } from "../../../../src/adapters/git/signature/verify_ssh.ts";

const PAYLOAD = new TextEncoder().encode("tree 0\nauthor A <a@x> 0 +0000\n\nHello\n");

/** Reads a part of a public key as bytes. */
function part(key: KeyObject, name: "x" | "y" | "n" | "e"): Uint8Array {
  return Uint8Array.fromBase64(key.export({ format: "jwk" })[name] ?? "", {
    alphabet: "base64url",
  });
}

function message(hash: "sha256" | "sha512", namespace = "git"): Uint8Array {
  const sum = createHash(hash).update(PAYLOAD).digest();
  return joinBytes([
    new TextEncoder().encode("SSHSIG"),
    ...[namespace, "", hash, sum].map(wireBytes),
  ]);
}

function armored(blob: Uint8Array, signature: Uint8Array, hash = "sha512", namespace = "git") {
  const whole = joinBytes([
    new TextEncoder().encode("SSHSIG"),
    new Uint8Array([0, 0, 0, 1]),
    ...[blob, namespace, "", hash, signature].map(wireBytes),
  ]);
  const text = whole.toBase64().replaceAll(/.{70}/g, "$&\n");
  return `-----BEGIN SSH SIGNATURE-----\n${text}\n-----END SSH SIGNATURE-----\n`;
}

/** A number as SSH writes it: never negative. */
function wireNumber(bytes: Uint8Array): Uint8Array {
  const start = Math.max(bytes.findIndex((byte) => byte !== 0), 0);
  const short = bytes.subarray(start);
  return wireBytes((short[0] ?? 0) >= 0x80 ? joinBytes([new Uint8Array(1), short]) : short);
}

Deno.test("a key in a security token signs for whom, whether it was touched, and how often", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const type = "sk-ssh-ed25519@openssh.com";
  const blob = joinBytes([type, part(publicKey, "x"), "ssh:"].map(wireBytes));
  const flags = new Uint8Array([1, 0, 0, 0, 9]);
  const sums = ["ssh:", message("sha256")].map((it) => createHash("sha256").update(it).digest());
  const [forWhom = new Uint8Array(), what = new Uint8Array()] = sums;
  const value = sign(null, joinBytes([forWhom, flags, what]), privateKey);
  const signature = joinBytes([wireBytes(type), wireBytes(value), flags]);
  equal(readSshSignature(armored(blob, signature, "sha256"), "git").fits(PAYLOAD), true);
  const counted = joinBytes([wireBytes(type), wireBytes(value), new Uint8Array([1, 0, 0, 0, 8])]);
  equal(readSshSignature(armored(blob, counted, "sha256"), "git").fits(PAYLOAD), false);
  const longer = joinBytes([signature, new Uint8Array(1)]);
  throws(() => readSshSignature(armored(blob, longer, "sha256"), "git").fits(PAYLOAD), /more than/);
});

Deno.test("an ECDSA key in a security token is checked alike", () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const type = "sk-ecdsa-sha2-nistp256@openssh.com";
  const point = joinBytes([new Uint8Array([4]), part(publicKey, "x"), part(publicKey, "y")]);
  const blob = joinBytes([type, "nistp256", point, "ssh:"].map(wireBytes));
  const flags = new Uint8Array([1, 0, 0, 0, 9]);
  const sums = ["ssh:", message("sha512")].map((it) => createHash("sha256").update(it).digest());
  const [forWhom = new Uint8Array(), what = new Uint8Array()] = sums;
  const signed = joinBytes([forWhom, flags, what]);
  const raw = sign("sha256", signed, { key: privateKey, dsaEncoding: "ieee-p1363" });
  const numbers = joinBytes([raw.subarray(0, 32), raw.subarray(32)].map(wireNumber));
  const signature = joinBytes([wireBytes(type), wireBytes(numbers), flags]);
  const read = readSshSignature(armored(blob, signature), "git");
  equal(read.fits(PAYLOAD), true);
  equal(read.fits(new TextEncoder().encode("something else")), false);
});

const RSA = generateKeyPairSync("rsa", { modulusLength: 2_048 });
const RSA_BLOB = joinBytes([
  wireBytes("ssh-rsa"),
  wireNumber(part(RSA.publicKey, "e")),
  wireNumber(part(RSA.publicKey, "n")),
]);

Deno.test("an RSA key that signs with SHA-1, or is short, is refused", () => {
  const value = sign("sha1", message("sha512"), RSA.privateKey);
  const signature = joinBytes(["ssh-rsa", value].map(wireBytes));
  const read = readSshSignature(armored(RSA_BLOB, signature), "git");
  throws(() => read.fits(PAYLOAD), /an RSA key must sign with SHA-2/);
  const { publicKey } = generateKeyPairSync("rsa", { modulusLength: 1_024 });
  const short = joinBytes([
    wireBytes("ssh-rsa"),
    wireNumber(part(publicKey, "e")),
    wireNumber(part(publicKey, "n")),
  ]);
  throws(() => readSshKey(short), /an RSA key has 1024 bits; it must have 2048 to 16384/);
});

Deno.test("a key shows its fingerprint as ssh-keygen prints it", () => {
  const blob = Uint8Array.fromBase64(
    "AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
  );
  // The published ed25519 host key of github.com.
  equal(fingerprint(readSshKey(blob)), "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU");
});

Deno.test("any bytes in the place of a signature or a key are refused, and nothing else happens", () => {
  const signature = joinBytes(["rsa-sha2-512", sign("sha512", message("sha512"), RSA.privateKey)]
    .map(wireBytes));
  const whole = Uint8Array.fromBase64(armored(RSA_BLOB, signature).replaceAll(/-----[^\n]*/g, ""));
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const damaged = whole.slice();
      damaged[at] = (damaged[at] ?? 0) ^ flip;
      const text =
        `-----BEGIN SSH SIGNATURE-----\n${damaged.toBase64()}\n-----END SSH SIGNATURE-----`;
      try {
        const read = readSshSignature(text, "git");
        const isSame = read.presented.key.blob.toHex() === RSA_BLOB.toHex();
        equal(isSame && read.fits(PAYLOAD), false);
      } catch (error) {
        equal(error instanceof SshFormatError, true, String(error));
      }
    }),
    { numRuns: 500 },
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
    throws(() => readSshKey(bytes), SshFormatError);
  }));
});

Deno.test("a check refuses whatever it is given, and says what is the matter", async () => {
  const line = `tess ssh-rsa ${RSA_BLOB.toBase64()}`;
  const check = createSshCheck(line, "the allowed signers");
  const text = fc.string().map((inner) => `-----BEGIN SSH SIGNATURE-----\n${inner}`);
  await fc.assert(fc.asyncProperty(text, async (signature) => {
    const verdict = await check.check(PAYLOAD, signature, 0);
    match(verdict.type === "bad" ? verdict.why : "good", /^its SSH signature cannot be used: /);
  }));
});

// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import {
  matchesPatterns,
  readAllowedSigners,
} from "../../../../src/adapters/git/signature/allowed_signers.ts";
import { SecretFileError } from "../../../../src/adapters/secret_file.ts";

const KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl";

const PATTERNS: readonly (readonly [text: string, patterns: string, expected: boolean])[] = [
  ["git", "git", true],
  ["git", "file", false],
  ["git", "file,git", true],
  ["git", "*", true],
  ["git", "g?t", true],
  ["git", "g??t", false],
  ["git", "*,!git", false],
  ["git", "!git", false],
  ["git", "!file", false],
  ["tess@example.com", "*@example.com", true],
  ["tess@example.com", "*@*.com,!eve@*", true],
  ["eve@example.com", "*@*.com,!eve@*", false],
  ["tess@example.com.evil.org", "*@example.com", false],
  ["a*b", "a*b", true],
  ["", "*", true],
  ["", "", false],
];

for (const [text, patterns, expected] of PATTERNS) {
  Deno.test(`"${text}" ${expected ? "matches" : "does not match"} "${patterns}"`, () => {
    equal(matchesPatterns(text, patterns), expected);
  });
}

Deno.test("a pattern of many stars takes no time", () => {
  equal(matchesPatterns("a".repeat(5_000), `${"a*".repeat(500)}b`), false);
});

Deno.test("a pattern matches as a regular expression would say", () => {
  const letters = fc.string({ unit: fc.constantFrom("a", "b", "*", "?"), maxLength: 8 });
  const text = fc.string({ unit: fc.constantFrom("a", "b"), maxLength: 8 });
  fc.assert(fc.property(text, letters.filter((one) => one !== ""), (given, pattern) => {
    const source = pattern.replaceAll("*", ".*").replaceAll("?", ".");
    equal(matchesPatterns(given, pattern), new RegExp(`^${source}$`).test(given));
  }));
});

Deno.test("times are local, and with a Z those of the world", () => {
  const [signer] = readAllowedSigners(
    `tess valid-after="20240102Z",valid-before="20240102030405Z" ${KEY}`,
    "it",
  );
  deepEqual(
    [signer?.validAfter, signer?.validBefore],
    [Date.UTC(2024, 0, 2) / 1_000, Date.UTC(2024, 0, 2, 3, 4, 5) / 1_000],
  );
  const [local] = readAllowedSigners(`tess valid-after="202401020304" ${KEY}`, "it");
  equal(local?.validAfter, new Date(2024, 0, 2, 3, 4).getTime() / 1_000);
});

const REFUSED: readonly (readonly [line: string, why: RegExp])[] = [
  [`tess`, /line 1: expected principals, options, the type of a key and the key/],
  [`${KEY}`, /line 1: /],
  [`tess valid-before="20241301" ${KEY}`, /"20241301" is no time/],
  [`tess cert-authority="x" ${KEY}`, /"cert-authority" is no option, or lacks its value/],
  [`tess namespaces ${KEY}`, /"namespaces" is no option, or lacks its value/],
  [`tess "namespaces ${KEY}`, /line 1: /],
  [`tess ${KEY.replace("ssh-ed25519", "ssh-rsa")}`, /is of type "ssh-ed25519", not "ssh-rsa"/],
  [`tess nonsense AAAA`, /"nonsense" is no type of a key/],
];

for (const [line, why] of REFUSED) {
  Deno.test(`a line of allowed signers is refused: ${line.slice(0, 40)}`, () => {
    throws(() => readAllowedSigners(line, "it"), why);
  });
}

Deno.test("any text in the place of allowed signers is read or refused", () => {
  const word = fc.oneof(
    fc.string(),
    fc.constantFrom(...KEY.split(" "), "cert-authority", '"', "\n"),
  );
  fc.assert(fc.property(fc.array(word), (words) => {
    try {
      readAllowedSigners(words.join(" "), "it");
    } catch (error) {
      equal(error instanceof SecretFileError, true, String(error));
    }
  }));
});

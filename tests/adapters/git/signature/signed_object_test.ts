// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import fc from "fast-check";
import { signedCommit, signedTag } from "../../../../src/adapters/git/signature/signed_object.ts";

const HEAD = "tree 1\nparent 2\nauthor A <a@x> 0 +0000\ncommitter A <a@x> 0 +0000\n";
const SIGNATURE =
  "gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n \n def\n -----END SSH SIGNATURE-----\n";
const PLAIN = "-----BEGIN SSH SIGNATURE-----\nabc\n\ndef\n-----END SSH SIGNATURE-----\n";

function bytes(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

const CASES: readonly {
  readonly name: string;
  readonly commit: string;
  readonly expected: readonly [payload: string, signature: string] | undefined;
}[] = [
  {
    name: "between headers and message",
    commit: `${HEAD}${SIGNATURE}\nHello\n`,
    expected: [`${HEAD}\nHello\n`, PLAIN],
  },
  {
    name: "before other headers",
    commit: `tree 1\n${SIGNATURE}encoding x\n\nHello\n`,
    expected: ["tree 1\nencoding x\n\nHello\n", PLAIN],
  },
  {
    name: "beside that of the other hash",
    commit: `${HEAD}gpgsig-sha256 x\n y\n${SIGNATURE}\nHello\n`,
    expected: [`${HEAD}\nHello\n`, PLAIN],
  },
  {
    name: "twice",
    commit: `${HEAD}${SIGNATURE}${SIGNATURE}\nHello\n`,
    expected: [`${HEAD}\nHello\n`, ""],
  },
  { name: "in the message alone", commit: `${HEAD}\n${SIGNATURE}`, expected: undefined },
  {
    name: "of the other hash alone",
    commit: `${HEAD}gpgsig-sha256 x\n\nHi\n`,
    expected: undefined,
  },
  { name: "in a commit that stops", commit: `${HEAD}gpgsig x`, expected: [HEAD, "x"] },
];

for (const { name, commit, expected } of CASES) {
  Deno.test(`the signature of a commit is found ${name}`, () => {
    const found = signedCommit(bytes(commit));
    const texts = found && [String.fromCharCode(...found.payload), found.signature];
    deepEqual(texts, expected);
  });
}

Deno.test("what is signed keeps every byte, whatever its encoding", () => {
  const message = fc.uint8Array({ maxLength: 200 });
  fc.assert(fc.property(message, (end) => {
    const whole = new Uint8Array([...bytes(`${HEAD}${SIGNATURE}\n`), ...end]);
    const { payload } = signedCommit(whole) ?? {};
    deepEqual(payload, new Uint8Array([...bytes(`${HEAD}\n`), ...end]));
  }));
});

Deno.test("the last signature of a tag is its own", () => {
  const tag = `object 1\ntype commit\ntag v1\ntagger A <a@x> 0 +0000\n\nSee ${PLAIN}${PLAIN}`;
  const found = signedTag(bytes(tag));
  equal(found?.signature, PLAIN);
  equal(String.fromCharCode(...found?.payload ?? []), tag.slice(0, -PLAIN.length));
  equal(signedTag(bytes("object 1\n\nplain\n")), undefined);
});

const MANY = 3_000_000;
/** Each took minutes of a thread that could do nothing else, and gigabytes. */
const ENDLESS = {
  "lines of a head": { commit: "a\n".repeat(MANY), expected: undefined },
  "lines of a signature": { commit: `gpgsig a\n${" \n".repeat(MANY)}\n`, expected: "" },
};

for (const [name, { commit, expected }] of Object.entries(ENDLESS)) {
  Deno.test(`the signature of a commit of ${MANY} ${name} is looked for in no time`, () => {
    const started = performance.now();
    equal(signedCommit(bytes(commit))?.signature, expected);
    equal(performance.now() - started < 10_000, true);
  });
}

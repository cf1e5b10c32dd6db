// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { createHmac } from "node:crypto";
import fc from "fast-check";
import { beginProof } from "../../../src/adapters/webhook/delivery_proof.ts";

const SECRET = "It's a Secret to Everybody";

function holds(
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
  secrets: readonly string[] = [SECRET],
): boolean {
  const proof = beginProof(new Headers(headers), secrets);
  if (proof === undefined) return false;
  proof.update(typeof body === "string" ? new TextEncoder().encode(body) : body);
  return proof.holds();
}

function mac(body: string | Uint8Array, secret: string | Uint8Array = SECRET): string {
  return createHmac("sha256", secret).update(body).digest("hex");
}

/** As the senders' own pages print them. */
const RECORDED = [
  {
    name: "GitHub",
    header: "x-hub-signature-256",
    body: "Hello, World!",
    value: "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17",
  },
  {
    name: "Bitbucket",
    header: "x-hub-signature",
    body: "Hello World!",
    value: "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9",
  },
] as const;

for (const { name, header, body, value } of RECORDED) {
  Deno.test(`A delivery is proved by the vector that ${name} prints`, () => {
    equal(holds({ [header]: value }, body), true);
    equal(holds({ [header]: value }, `${body} `), false);
    equal(holds({ [header]: value }, body, ["another"]), false);
  });
}

Deno.test("A delivery is proved by the vector of Standard Webhooks, which GitLab follows", () => {
  const headers = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  };
  const secrets = ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"];
  equal(holds(headers, '{"test": 2432232314}', secrets), true);
  equal(holds(headers, '{"test": 2432232315}', secrets), false);
  equal(
    holds({ ...headers, "webhook-timestamp": "1614265331" }, '{"test": 2432232314}', secrets),
    false,
  );
  equal(holds({ ...headers, "webhook-id": "msg_other" }, '{"test": 2432232314}', secrets), false);
});

type Forge = (body: Uint8Array) => Readonly<Record<string, string>>;

const FORMS: Readonly<Record<string, Forge>> = {
  GitHub: (body) => ({ "x-hub-signature-256": `sha256=${mac(body)}` }),
  Bitbucket: (body) => ({ "x-hub-signature": `sha256=${mac(body)}` }),
  Gitea: (body) => ({
    "x-gitea-signature": mac(body),
    "x-hub-signature-256": `sha256=${mac(body)}`,
    "x-hub-signature": `sha1=${createHmac("sha1", SECRET).update(body).digest("hex")}`,
  }),
  Forgejo: (body) => ({ "x-forgejo-signature": mac(body), "x-gitea-signature": mac(body) }),
  GitLab: (body) => ({
    "webhook-id": "1",
    "webhook-timestamp": "2",
    "webhook-signature": `v1,${
      createHmac("sha256", SECRET).update("1.2.").update(body).digest("base64")
    }`,
  }),
};

const content = fc.uint8Array({ minLength: 1, maxLength: 200 });

for (const [name, forge] of Object.entries(FORMS)) {
  Deno.test(`A delivery of ${name} holds as it was signed, and not with any byte changed`, () => {
    fc.assert(fc.property(content, fc.nat(), fc.integer({ min: 1, max: 255 }), (body, at, flip) => {
      const headers = forge(body);
      equal(holds(headers, body), true);
      const changed = body.slice();
      changed[at % body.length] = (changed[at % body.length] ?? 0) ^ flip;
      equal(holds(headers, changed), false);
      equal(holds(headers, body.subarray(1)), false);
    }));
  });

  Deno.test(`A delivery of ${name} is refused with any character of a signature changed`, () => {
    fc.assert(fc.property(content, fc.nat(), (body, at) => {
      const headers = forge(body);
      for (const [header, value] of Object.entries(headers)) {
        if (value.startsWith("sha1=")) continue;
        const place = at % value.length;
        const other = value[place] === "0" ? "1" : "0";
        const changed = value.slice(0, place) + other + value.slice(place + 1);
        equal(holds({ ...headers, [header]: changed }, body), false, `${header}: ${changed}`);
      }
    }));
  });
}

Deno.test("A delivery in pieces is proved as in one", () => {
  fc.assert(fc.property(content, fc.nat({ max: 200 }), (body, cut) => {
    const proof = beginProof(new Headers({ "x-gitea-signature": mac(body) }), [SECRET]);
    proof?.update(body.subarray(0, cut));
    proof?.update(body.subarray(cut));
    equal(proof?.holds(), true);
  }));
});

Deno.test("A token is compared as a whole", () => {
  const sent = (token: string) => holds({ "x-gitlab-token": token }, "{}");
  equal(sent(SECRET), true);
  for (
    const wrong of ["", SECRET.slice(1), SECRET.slice(0, -1), `${SECRET}x`, SECRET.toLowerCase()]
  ) {
    equal(sent(wrong), false, wrong);
  }
});

const body = "{}";
const REFUSED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  "nothing": {},
  "SHA-1 alone": {
    "x-hub-signature": `sha1=${createHmac("sha1", SECRET).update(body).digest("hex")}`,
  },
  "a signature without its name": { "x-hub-signature-256": mac(body) },
  "a signature that is cut off": { "x-hub-signature-256": `sha256=${mac(body).slice(2)}` },
  "an empty signature": { "x-hub-signature-256": "" },
  "a good signature beside a wrong one": {
    "x-hub-signature-256": `sha256=${mac(body)}`,
    "x-gitea-signature": mac("other"),
  },
  "a good signature beside a wrong token": {
    "x-hub-signature-256": `sha256=${mac(body)}`,
    "x-gitlab-token": "wrong",
  },
  "a standard signature without its id": {
    "webhook-signature": "v1,AAAA",
    "webhook-timestamp": "1",
  },
};

for (const [what, headers] of Object.entries(REFUSED)) {
  Deno.test(`A delivery that shows ${what} is refused`, () => equal(holds(headers, body), false));
}

Deno.test("Two tokens that GitLab sends side by side are each proved by their own secret", () => {
  const signed = (secret: string) =>
    createHmac("sha256", secret).update(`1.2.${body}`).digest("base64");
  const headers = (signing: string, token: string) => ({
    "webhook-id": "1",
    "webhook-timestamp": "2",
    "webhook-signature": `v1,${signed(signing)}`,
    "x-gitlab-token": token,
  });
  const secrets = ["signing", "token"];
  equal(holds(headers("signing", "token"), body, secrets), true);
  equal(holds(headers("signing", "wrong"), body, secrets), false);
  equal(holds(headers("wrong", "token"), body, secrets), false);
  equal(holds(headers("signing", "token"), body, ["signing"]), false);
});

Deno.test("Two secrets are good while one replaces the other, and none is never good", () => {
  const headers = { "x-hub-signature-256": `sha256=${mac(body, "new")}` };
  equal(holds(headers, body, ["old", "new"]), true);
  equal(holds(headers, body, ["old"]), false);
  equal(holds(headers, body, []), false);
  equal(holds({ "x-hub-signature-256": `sha256=${mac(body, "")}` }, body, []), false);
});

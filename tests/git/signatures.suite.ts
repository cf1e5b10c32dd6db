// SPDX-License-Identifier: Apache-2.0

import { equal, match, rejects } from "node:assert/strict";
import { openRepository, type VerifySettings } from "../../src/adapters/git/mod.ts";
import { type CommitId, type Repository, UnverifiedError } from "../../src/runtime/ports.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";
import {
  makeSigningPlace,
  runGpg,
  signedCommitOn,
  signedTagOn,
  type SigningPlace,
} from "./signing.ts";

const { signal } = new AbortController();

/** The three ways to read a repository: they check signatures alike. */
const BACKENDS = {
  http: (fixture: ServedFixture, verify: VerifySettings) =>
    openRepository(fixture.url, { verify, backend: "isomorphic" }),
  local: (fixture: ServedFixture, verify: VerifySettings) =>
    openRepository(fixture.path, { verify, backend: "isomorphic" }),
  "the git command": (fixture: ServedFixture, verify: VerifySettings) =>
    openRepository(fixture.url, { verify, backend: "git" }),
} as const;

async function fetched(repository: Repository): Promise<Repository> {
  await repository.fetch({ signal });
  return repository;
}

/** Rejects as an unsigned revision does. */
async function refused(
  repository: Repository,
  revision: string,
  expected: { readonly why: RegExp; readonly lastGood?: CommitId | undefined },
): Promise<void> {
  await rejects(repository.resolve(revision, { signal }), (error) => {
    if (!(error instanceof UnverifiedError)) throw error;
    match(error.message, expected.why);
    equal(error.lastGood, expected.lastGood);
    return true;
  });
}

async function allowed(place: SigningPlace, ...lines: readonly string[]): Promise<VerifySettings> {
  return { allowedSignersFile: await place.write("allowed_signers", lines.join("\n") + "\n") };
}

for (const [name, open] of Object.entries(BACKENDS)) {
  Deno.test(`An unsigned head is refused with its commit, author and reason, read by ${name}`, async () => {
    await using place = await makeSigningPlace();
    await using fixture = await makeServedFixture();
    const tess = await place.sshKey("tess");
    const verify = await allowed(place, `tess@example.com ${tess.publicKey}`);
    const good = await signedCommitOn(fixture, "main", {
      files: { "a.yaml": "a: 1\n" },
      signer: tess.signer,
    });
    const repository = await fetched(open(fixture, verify));
    equal(await repository.resolve("main", { signal }), good);
    equal(await repository.resolve(good, { signal }), good);
    const unsigned = await fixture.commit("main", {
      files: { "a.yaml": "a: 2\n" },
      message: "Sneak something in",
    });
    await repository.fetch({ signal });
    await refused(repository, "main", {
      why: new RegExp(
        `^Cannot accept "main" of repository ".*": commit ${unsigned} ` +
          `\\("Sneak something in" by Tess Ter\\): it is not signed; accepted are signatures of ` +
          `tess@example.com \\(ssh-ed25519 ${RegExp.escape(tess.fingerprint)}\\)$`,
      ),
      lastGood: good,
    });
    await refused(repository, "refs/heads/main", {
      why: /^Cannot accept "main" of /,
      lastGood: good,
    });
    await refused(repository, unsigned, { why: /it is not signed/ });
    const mended = await signedCommitOn(fixture, "main", {
      files: { "a.yaml": "a: 3\n" },
      signer: tess.signer,
    });
    await repository.fetch({ signal });
    equal(await repository.resolve("main", { signal }), mended);
    repository.close();
  });

  Deno.test(`A tag counts when it is signed itself, under its own name, read by ${name}`, async () => {
    await using place = await makeSigningPlace();
    await using fixture = await makeServedFixture();
    const [tess, eve] = [await place.sshKey("tess"), await place.sshKey("eve")];
    const verify = await allowed(place, `tess@example.com ${tess.publicKey}`);
    const old = await fixture.commit("main", { files: { "a.yaml": "a: 1\n" } });
    const commit = await fixture.commit("main", { files: { "a.yaml": "a: 2\n" } });
    await signedTagOn(fixture, "v1", { commit: old, signer: tess.signer });
    await signedTagOn(fixture, "v2", { commit, signer: tess.signer });
    await signedTagOn(fixture, "v3", { commit, signer: eve.signer });
    await fixture.tag("v4", commit, { annotated: true });
    await fixture.tag("v5", commit);
    const repository = await fetched(open(fixture, verify));
    equal(await repository.resolve("refs/tags/v2", { signal }), commit);
    await refused(repository, "v3", { why: /its tag: it is signed by a key that is not allowed/ });
    await refused(repository, "v4", { why: /it is not signed; its tag: it is not signed/ });
    await refused(repository, "v5", { why: /Tess Ter\): it is not signed; accepted/ });
    // An old tag in the place of a new one.
    await fixture.git("update-ref", "refs/tags/v2", await fixture.git("rev-parse", "refs/tags/v1"));
    await repository.fetch({ signal });
    await refused(repository, "v2", { why: /its tag: it calls itself "v1"/ });
    repository.close();
  });
}

const KEYS: readonly (readonly [name: string, options: readonly string[]])[] = [
  ["ed25519", ["-t", "ed25519"]],
  ["ecdsa-256", ["-t", "ecdsa", "-b", "256"]],
  ["ecdsa-384", ["-t", "ecdsa", "-b", "384"]],
  ["ecdsa-521", ["-t", "ecdsa", "-b", "521"]],
  ["rsa-2048", ["-t", "rsa", "-b", "2048"]],
];

for (const [name, options] of KEYS) {
  Deno.test(`A commit signed by ssh-keygen with ${name} is verified, and not when a byte differs`, async () => {
    await using place = await makeSigningPlace();
    await using fixture = await makeServedFixture();
    const key = await place.sshKey("key", ...options);
    const verify = await allowed(place, `tess@example.com ${key.publicKey}`);
    const good = await signedCommitOn(fixture, "main", {
      files: { "a.yaml": "a: 1\n" },
      message: "Grüße\n\ngpgsig is a word here\n -----BEGIN SSH SIGNATURE-----",
      signer: key.signer,
    });
    const bytes = new TextEncoder().encode(await fixture.git("cat-file", "commit", good) + "\n");
    const text = new TextDecoder().decode(bytes);
    const altered = await fixture.store(
      "commit",
      new TextEncoder().encode(
        text.replace("Tess Ter <tess@example.com> 1600000000", "Eve <e@x> 1600000000"),
      ),
    );
    await fixture.setBranch("altered", altered);
    const repository = await fetched(openRepository(fixture.url, { verify }));
    equal(await repository.resolve("main", { signal }), good);
    await refused(repository, "altered", {
      why: /its signature does not fit its content: one of them was altered/,
    });
  });
}

Deno.test("Merges, mergetags, encodings and other signature headers are part of what is signed, or not, as in git", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const tess = await place.sshKey("tess");
  const file = await place.write("allowed_signers", `tess@example.com ${tess.publicKey}\n`);
  const { signer } = tess;
  const base = await fixture.commit("main", { files: { "a.yaml": "1" } });
  await signedTagOn(fixture, "topic", { commit: base, signer });
  const tag = await fixture.git("cat-file", "tag", "topic");
  const head = await fixture.git("cat-file", "commit", base);
  const [tree] = head.split("\n", 1);
  const person = "Tess Ter <tess@example.com> 1600000000 +0000";
  const latin1 = (text: string) => Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const payload = `${tree}\nparent ${base}\nauthor ${person}\ncommitter ${person}\n` +
    `encoding ISO-8859-1\nmergetag ${tag.replaceAll("\n", "\n ")}\n\nGr\u00fc\u00dfe\n`;
  await Deno.writeFile(place.path("payload"), latin1(payload));
  await place.run("ssh-keygen", "-q", "-Y", "sign", "-n", "git", "-f", "tess", "payload");
  const armored = (await Deno.readTextFile(place.path("payload.sig"))).trimEnd();
  const header = (name: string) => `${name} ${armored.replaceAll("\n", "\n ")}\n`;
  const withHeaders = (headers: string) => latin1(payload.replace("\n\nGr", `\n${headers}\nGr`));
  const store = (name: string, content: Uint8Array) =>
    fixture.store("commit", content).then((id) => fixture.setBranch(name, id));
  await store("plain", withHeaders(header("gpgsig")));
  await store("with-sha256", withHeaders(header("gpgsig-sha256") + header("gpgsig")));
  await store("sha256-only", withHeaders(header("gpgsig-sha256")));
  await store("twice", withHeaders(header("gpgsig") + header("gpgsig")));
  await store("in-message", latin1(payload + header("gpgsig")));
  const repository = await fetched(openRepository(fixture.url, {
    verify: { allowedSignersFile: file },
  }));
  // Git is the judge of what is right.
  const git = (name: string) =>
    place.run(
      "git",
      "-C",
      fixture.path,
      "-c",
      "gpg.format=ssh",
      "-c",
      `gpg.ssh.allowedSignersFile=${file}`,
      "verify-commit",
      name,
    ).then(() => true, () => false);
  for (const name of ["plain", "with-sha256"]) {
    equal(await git(name), true, name);
    equal(typeof await repository.resolve(name, { signal }), "string");
  }
  for (const name of ["sha256-only", "in-message"]) {
    equal(await git(name), false, name);
    await refused(repository, name, { why: /it is not signed/ });
  }
  await refused(repository, "twice", { why: /its signature cannot be read/ });
});

Deno.test("Every line of allowed_signers means what it means to ssh-keygen", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const [tess, eve, authority] = [
    await place.sshKey("tess"),
    await place.sshKey("eve", "-t", "ecdsa"),
    await place.sshKey("authority"),
  ];
  const at = Date.UTC(2024, 5, 1, 12) / 1_000;
  const plain = await signedCommitOn(fixture, "plain", {
    files: { "a.yaml": "1" },
    signer: tess.signer,
    at,
  });
  const certificate = async (name: string, ...options: readonly string[]) => {
    await Deno.copyFile(place.path("eve.pub"), place.path(`${name}.pub`));
    await Deno.copyFile(place.path("eve"), place.path(name));
    await place.run("ssh-keygen", "-q", "-s", "authority", "-I", name, ...options, `${name}.pub`);
    return await signedCommitOn(fixture, name, {
      files: { "a.yaml": "2" },
      signer: { type: "ssh", keyFile: place.path(`${name}-cert.pub`) },
      at,
    });
  };
  await certificate("certified", "-n", "eve@example.com,other", "-V", "20240101:20250101");
  await certificate("outdated", "-n", "eve@example.com", "-V", "20230101:20230201");
  await certificate("for-others", "-n", "mallory@elsewhere.com", "-V", "always:forever");
  await certificate("for-nobody", "-V", "always:forever");
  await certificate(
    "critical",
    "-n",
    "eve@example.com",
    "-O",
    "force-command=ls",
    "-V",
    "always:forever",
  );
  const cases: readonly (readonly [line: string, branch: string, why?: RegExp])[] = [
    [`tess@example.com ${tess.publicKey} a comment`, "plain"],
    [`*@example.com,!eve@example.com namespaces="file,git" ${tess.publicKey}`, "plain"],
    [`"tess@example.com" ${tess.publicKey}`, "plain"],
    [
      `tess namespaces="file" ${tess.publicKey}`,
      "plain",
      /may sign for file only, and not for git/,
    ],
    [`tess valid-after="20240101Z",valid-before="20250101Z" ${tess.publicKey}`, "plain"],
    [
      `tess valid-before="202406011159Z" ${tess.publicKey}`,
      "plain",
      /expired at 2024-06-01T11:59:00/,
    ],
    [
      `tess valid-after="20240601120001Z" ${tess.publicKey}`,
      "plain",
      /valid only from 2024-06-01T12/,
    ],
    [`eve ${eve.publicKey}`, "plain", /by a key that is not allowed, ssh-ed25519 SHA256:/],
    [`tess cert-authority ${tess.publicKey}`, "plain", /by a key that is not allowed/],
    [`*@example.com cert-authority ${authority.publicKey}`, "certified"],
    [
      `tess cert-authority ${authority.publicKey}`,
      "certified",
      /certificate is for eve@example.com/,
    ],
    [`authority ${authority.publicKey}`, "certified", /by a key that is not allowed/],
    [
      `* cert-authority ${authority.publicKey}`,
      "outdated",
      /certificate has expired at 2023-02-01/,
    ],
    [`*@example.com cert-authority ${authority.publicKey}`, "for-others", /is for mallory@elsew/],
    [`* cert-authority ${authority.publicKey}`, "for-nobody", /its certificate is for nobody/],
    [`* cert-authority ${authority.publicKey}`, "critical", /certificate has critical options/],
  ];
  for (const [line, branch, why] of cases) {
    const verify = await allowed(place, "# who may sign", "", line);
    const repository = await fetched(openRepository(fixture.path, { verify }));
    if (why === undefined) {
      equal(typeof await repository.resolve(branch, { signal }), "string", line);
    } else await refused(repository, branch, { why });
    if (branch === "critical") continue; // stricter than ssh-keygen, which lets it pass
    const judged = await place.run(
      "git",
      ...["-C", fixture.path, "-c", "gpg.format=ssh", "-c"],
      ...[`gpg.ssh.allowedSignersFile=${verify.allowedSignersFile}`, "verify-commit", branch],
    ).then(() => true, () => false);
    equal(judged, why === undefined, line);
  }
  equal(plain.length, 40);
});

Deno.test("PGP keys that were revoked, are not allowed or sign with a subkey are told apart", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const [tess, eve, revoked] = [
    await place.pgpKey("tess"),
    await place.pgpKey("eve"),
    await place.pgpKey("revoked"),
  ];
  const sign = (branch: string, { signer }: typeof tess) =>
    signedCommitOn(fixture, branch, { files: { "a.yaml": branch }, signer });
  await sign("main", tess);
  await sign("others", eve);
  await runGpg(
    tess.signer.home,
    "--passphrase",
    "",
    "--quick-add-key",
    tess.fingerprint,
    "rsa2048",
    "sign",
  );
  await sign("subkey", tess);
  await sign("revoked", revoked);
  const wasRevoked = await revoked.publicKey();
  const certificate = await Deno.readTextFile(
    `${revoked.signer.home}/openpgp-revocs.d/${revoked.fingerprint}.rev`,
  );
  await place.write("rev", certificate.replace(/^:-----/gm, "-----"));
  await runGpg(revoked.signer.home, "--import", place.path("rev"));
  const isRevoked = await revoked.publicKey();
  const keys = [await tess.publicKey(), isRevoked].join("\n");
  const verify = { pgpKeysFile: await place.write("keys.asc", keys) };
  const repository = await fetched(openRepository(fixture.url, { verify }));
  for (const branch of ["main", "subkey"]) {
    equal(typeof await repository.resolve(branch, { signal }), "string", branch);
  }
  const accepted =
    `accepted are signatures of tess <tess@x> \\(PGP ${tess.fingerprint}\\), revoked`;
  await refused(repository, "others", {
    why: new RegExp(`not allowed, PGP [0-9A-F]{16}; ${accepted}`),
  });
  await refused(repository, "revoked", {
    why: /by revoked <revoked@x> .*, but that key was revoked/,
  });
  // The order in which two forms of a key stand in the file does not matter.
  for (const forms of [[wasRevoked, isRevoked], [isRevoked, wasRevoked]]) {
    await place.write("keys.asc", [await tess.publicKey(), ...forms].join("\n"));
    await refused(repository, "revoked", { why: /but that key was revoked/ });
    equal(typeof await repository.resolve("subkey", { signal }), "string");
  }
  const text = await fixture.git("cat-file", "commit", "main");
  const altered = text.replace("Change something", "Change something else") + "\n";
  await fixture.setBranch("main", await fixture.store("commit", new TextEncoder().encode(altered)));
  await repository.fetch({ signal });
  await refused(repository, "main", {
    why: /the signature does not hold: Signed digest did not match/,
  });
});

Deno.test("A file of those who may sign is read anew, and one that cannot be used lets nothing pass", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const [tess, eve] = [await place.sshKey("tess"), await place.sshKey("eve")];
  const head = await signedCommitOn(fixture, "main", {
    files: { "a.yaml": "1" },
    signer: tess.signer,
  });
  const verify = await allowed(place, `eve ${eve.publicKey}`);
  const repository = await fetched(openRepository(fixture.url, { verify }));
  await refused(repository, "main", { why: /not allowed/ });
  await allowed(place, `tess ${tess.publicKey}`);
  equal(await repository.resolve("main", { signal }), head);
  for (
    const [line, why] of [
      ["tess ssh-ed25519", /line 1: expected principals/],
      ["tess ssh-ed25519 AAAA", /line 1: /],
      [`tess no-pty ${tess.publicKey}`, /line 1: "no-pty" is no option/],
      [`tess valid-before="soon" ${tess.publicKey}`, /line 1: "soon" is no time/],
      [
        `tess valid-before="20240101Z",valid-before="20260101Z" ${tess.publicKey}`,
        /line 1: "valid-before" is there twice/,
      ],
      ["# nobody", /it names nobody/],
      ["tess ssh-dss AAAAB3NzaC1kc3MAAACBAKg=", /it names nobody/],
    ] as const
  ) {
    await allowed(place, line);
    await rejects(repository.resolve("main", { signal }), why);
  }
  await Deno.remove(verify.allowedSignersFile ?? "");
  await rejects(
    repository.resolve("main", { signal }),
    /allowed signers from ".*": there is no such/,
  );
});

Deno.test("A signature made for something else, or of another form, is none of a commit", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const tess = await place.sshKey("tess");
  const verify = await allowed(place, `tess ${tess.publicKey}`);
  const base = await fixture.commit("main", { files: { "a.yaml": "1" } });
  const text = await fixture.git("cat-file", "commit", base) + "\n";
  await place.write("payload", text);
  await place.run("ssh-keygen", "-q", "-Y", "sign", "-n", "file", "-f", "tess", "payload");
  const armored = (await Deno.readTextFile(place.path("payload.sig"))).trimEnd();
  const withSignature = (signature: string) =>
    new TextEncoder().encode(
      text.replace("\n\n", `\ngpgsig ${signature.replaceAll("\n", "\n ")}\n\n`),
    );
  const cases: readonly (readonly [signature: string, why: RegExp])[] = [
    [armored, /it was made for "file" and not for "git"/],
    [armored.replace(/[A-Za-z]/g, "A"), /signature/],
    ["-----BEGIN SSH SIGNATURE-----\nAAAA\n-----END SSH SIGNATURE-----", /it stops too soon/],
    [
      "-----BEGIN PGP SIGNATURE-----\n\nAAAA\n-----END PGP SIGNATURE-----",
      /nobody is allowed \(PGP S/,
    ],
    ["-----BEGIN SIGNED MESSAGE-----\nMIIA\n-----END SIGNED MESSAGE-----", /\(SIGNED MESSAGE\)/],
    ["hello", /of a form for which nobody is allowed/],
  ];
  const repository = openRepository(fixture.url, { verify });
  for (const [signature, why] of cases) {
    await fixture.setBranch("main", await fixture.store("commit", withSignature(signature)));
    await repository.fetch({ signal });
    await refused(repository, "main", { why });
  }
});

Deno.test("A PGP key that expires leaves what it signed before, and one that is extended all of it", async () => {
  await using place = await makeSigningPlace();
  await using fixture = await makeServedFixture();
  const tess = await place.pgpKey("tess", { since: "20200101T000000", expires: "1y" });
  const sign = async (branch: string, time: string) => {
    await place.write("tess/gpg.conf", `faked-system-time ${time}\n`);
    return await signedCommitOn(fixture, branch, { files: { "a.yaml": branch }, ...tess });
  };
  const before = await sign("before", "20200601T000000");
  const expiring = await tess.publicKey();
  await runGpg(tess.signer.home, "--quick-set-expire", tess.fingerprint, "0");
  const after = await sign("after", "20220601T000000");
  const extended = await tess.publicKey();
  const verify = { pgpKeysFile: await place.write("keys.asc", expiring) };
  const repository = await fetched(openRepository(fixture.url, { verify }));
  equal(await repository.resolve("before", { signal }), before);
  await refused(repository, "after", {
    why: /tess <tess@x> .*, but that key has expired at 2020-12-31/,
  });
  for (const keys of [extended, `${expiring}\n${extended}`, `${extended}\n${expiring}`]) {
    await place.write("keys.asc", keys);
    equal(await repository.resolve("before", { signal }), before);
    equal(await repository.resolve("after", { signal }), after);
  }
});

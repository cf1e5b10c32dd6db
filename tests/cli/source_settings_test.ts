// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { CredentialPlaces } from "../../src/adapters/git/mod.ts";
import { sourceSettings } from "../../src/cli/source_settings.ts";

function token(path: string): CredentialPlaces {
  return { type: "token", scheme: "basic", token: { type: "file", path, setting: "a test" } };
}

const BY_OPTION = token("/by-option");

const ORIGINS = [
  { url: "https://git.example.com/b.git", isShown: true },
  { url: "https://user:pass@git.example.com:443/b.git", isShown: true },
  { url: "http://git.example.com/b.git", isShown: false },
  { url: "https://git.example.com:8443/b.git", isShown: false },
  { url: "https://git.example.com.evil.example/b.git", isShown: false },
  { url: "https://other.example.com/b.git", isShown: false },
  { url: "ssh://git@git.example.com/b.git", isShown: false },
  { url: "/srv/b.git", isShown: false },
];

for (const { url, isShown } of ORIGINS) {
  Deno.test(`credentials by option are ${isShown ? "" : "not "}those of ${url}`, () => {
    const sources = [{ url: "https://git.example.com/a.git" }, { url }];
    const [first, second] = sourceSettings(sources, { credentials: BY_OPTION });
    equal(first?.credentials, BY_OPTION);
    equal(second?.credentials, isShown ? BY_OPTION : undefined);
  });
}

Deno.test("what the configuration says of a source counts more than options", () => {
  const own = {
    credentials: token("/own"),
    caFile: "/own.pem",
    ssh: { keyFile: "/own-key" },
    verify: { pgpKeysFile: "/own.asc" },
  };
  const options = {
    credentials: BY_OPTION,
    caFile: "/option.pem",
    ssh: { keyFile: "/option-key", knownHostsFile: "/option-hosts" },
    verify: { allowedSignersFile: "/option-signers" },
    backend: "git",
  } as const;
  const [with_, without] = sourceSettings(
    [{ url: "https://a.example/x", git: own }, { url: "https://b.example/y" }],
    options,
  );
  deepEqual(with_, {
    ...own,
    backend: "git",
    ssh: { keyFile: "/own-key", knownHostsFile: "/option-hosts" },
  });
  const { credentials: _hidden, ...others } = options;
  deepEqual(without, others);
});

Deno.test("the settings of sources are plain data, which a Worker can be sent", () => {
  const sources = [{ url: "https://a.example/x", git: { credentials: token("/own") } }];
  const settings = sourceSettings(sources, { credentials: BY_OPTION });
  deepEqual(structuredClone(settings), settings);
});

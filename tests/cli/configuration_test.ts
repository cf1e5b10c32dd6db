// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, throws } from "node:assert/strict";
import { Ajv2020 } from "ajv/dist/2020.js";
import {
  configurationOf,
  definitionOptions,
  gateOptions,
  intervalOption,
} from "../../src/cli/configuration_options.ts";
import { parseConfiguration } from "../../src/cli/read_configuration.ts";
import { documentValue, readDocuments } from "../../src/language/mod.ts";
import { faultsOf } from "./configuration_faults.ts";
import { koreo, ROOT, temporaryFiles } from "./run_koreo.ts";

const WHOLE = `sources:
  - name: platform
    url: https://git.example.com/platform.git
    path: koreo/
    interval: 1m
  - name: other
    url: ../other
    credentials: { tokenFile: /secrets/token, tokenScheme: bearer }
    caFile: ca.pem
    ssh: { keyFile: /secrets/ssh-privatekey, knownHostsFile: hosts }
    verify: { allowedSigners: allowed_signers, pgpKeys: /keys/team.asc }
channels:
  - name: stable
    source: platform
    branch: main
    namespace: koreo
    priority: [team-a, koreo]
  - name: beta
    source: platform
    branch: beta
    over: stable
    allow: { namespaces: [team-b] }
    triggers: { namespaces: [qa], matchLabels: { ring: early } }
  - { name: preview, source: platform, branch: preview/*, over: stable }
  - { name: pinned, source: other, tag: v1.2 }
  - { name: careful, source: other, branch: main, canary: { percent: 10 } }
  - name: ringed
    source: other
    branch: main
    canary: { triggers: { matchLabels: { ring: early } }, soak: 1h, deadline: 90m, requireReady: false }
default: beta
gate: commit
`;

Deno.test("a configuration file says what is followed", async () => {
  deepEqual(parseConfiguration(WHOLE, "/etc/koreo/koreo.yaml"), {
    sources: [
      {
        name: "platform",
        url: "https://git.example.com/platform.git",
        path: "koreo",
        intervalMs: 60_000,
      },
      {
        name: "other",
        url: "/etc/other",
        path: "",
        intervalMs: 30_000,
        git: {
          credentials: {
            type: "token",
            scheme: "bearer",
            token: {
              type: "file",
              path: "/secrets/token",
              setting: "sources[1].credentials.tokenFile",
            },
          },
          caFile: "/etc/koreo/ca.pem",
          ssh: { keyFile: "/secrets/ssh-privatekey", knownHostsFile: "/etc/koreo/hosts" },
          verify: {
            allowedSignersFile: "/etc/koreo/allowed_signers",
            pgpKeysFile: "/keys/team.asc",
          },
        },
      },
    ],
    channels: [
      {
        name: "stable",
        source: "platform",
        branch: "main",
        ref: "refs/heads/main",
        namespace: "koreo",
        priority: ["team-a", "koreo"],
      },
      {
        name: "beta",
        source: "platform",
        branch: "beta",
        ref: "refs/heads/beta",
        over: "stable",
        allow: { namespaces: ["team-b"] },
        triggers: { namespaces: ["qa"], matchLabels: { ring: "early" } },
      },
      { name: "preview", source: "platform", branch: "preview/*", over: "stable" },
      { name: "pinned", source: "other", branch: "v1.2", ref: "refs/tags/v1.2" },
      {
        name: "careful",
        source: "other",
        branch: "main",
        ref: "refs/heads/main",
        canary: {
          share: { type: "percent", percent: 10 },
          soakMs: 600_000,
          deadlineMs: 1_200_000,
          requireReady: true,
        },
      },
      {
        name: "ringed",
        source: "other",
        branch: "main",
        ref: "refs/heads/main",
        canary: {
          share: { type: "selector", triggers: { matchLabels: { ring: "early" } } },
          soakMs: 3_600_000,
          deadlineMs: 5_400_000,
          requireReady: false,
        },
      },
    ],
    default: "beta",
    gate: "commit",
  });
  deepEqual(await schemaFaults(WHOLE), []);
});

Deno.test("a configuration file may name branches and tags in full", () => {
  const text = "sources: [{name: s, url: /r}]\nchannels:\n" +
    "- {name: a, branch: refs/heads/m}\n- {name: b, tag: refs/tags/v1}\n- {name: c, branch: refs/tags/v1}\n";
  deepEqual(parseConfiguration(text, "koreo.yaml").channels.map(({ ref }) => ref), [
    "refs/heads/m",
    "refs/tags/v1",
    "refs/heads/refs/tags/v1",
  ]);
});

Deno.test("a configuration file may name a commit in capital letters", async () => {
  const commit = "ABCDEF0123456789abcdef0123456789ABCDEF01";
  const text = `sources: [{name: s, url: /r}]\nchannels: [{name: a, commit: ${commit}}]\n`;
  const [channel] = parseConfiguration(text, "koreo.yaml").channels;
  deepEqual(channel, { name: "a", source: "s", branch: commit.toLowerCase() });
  deepEqual(await schemaFaults(text), []);
});

Deno.test("a configuration file needs no more than a repository and a branch", () => {
  const text = "sources: [{name: s, url: /r}]\nchannels: [{name: live, branch: main}]\n";
  deepEqual(parseConfiguration(text, "koreo.yaml"), {
    sources: [{ name: "s", url: "/r", path: "", intervalMs: 30_000 }],
    channels: [{ name: "live", source: "s", branch: "main", ref: "refs/heads/main" }],
    default: "live",
    gate: "workflow",
  });
});

const SOURCES = "sources: [{name: s, url: /r}, {name: t, url: /t}]\n";

/** A fault that the schema does not see is one of the channels as a whole. */
const FAULTS: readonly {
  readonly name: string;
  readonly text: string;
  readonly faults: readonly string[];
  readonly isInSchema?: boolean;
}[] = [
  {
    name: "nothing in it",
    text: "{}\n",
    faults: [
      'k:1:1 Cannot do without "sources": it is required',
      'k:1:1 Cannot do without "channels": it is required',
    ],
    isInSchema: true,
  },
  {
    name: "a key that there is not",
    text: `${SOURCES}channels: [{name: a, source: s, branch: m}]\ngates: off\n`,
    faults: ['k:3:1 Cannot use "gates": there is no such key; did you mean "gate"?'],
    isInSchema: true,
  },
  {
    name: "no channel",
    text: `${SOURCES}channels: []\n`,
    faults: ['k:2:11 Cannot do without a channel in "channels"'],
    isInSchema: true,
  },
  {
    name: "values of another type",
    text: "sources: [{name: s, url: /r, interval: 30}]\nchannels: [{name: a, branch: 1}]\n",
    faults: [
      'k:1:40 Cannot read the duration "30": expected a whole number with a unit, such as ' +
      '"30s", "5m" or "1h"',
      'k:2:30 Cannot read "channels[0].branch": expected a text in quotes, "1", found 1',
    ],
    isInSchema: true,
  },
  {
    name: "a branch and a tag",
    text: `${SOURCES}channels: [{name: a, source: s, branch: m, tag: v}]\n`,
    faults: [
      'k:2:12 Cannot use "channels[0]": expected one of "branch", "tag" and "commit", ' +
      'found "branch" and "tag"',
    ],
    isInSchema: true,
  },
  {
    name: "a commit that is none",
    text: `${SOURCES}channels: [{name: a, source: s, commit: abc}]\n`,
    faults: ['k:2:41 Cannot use "abc" for a commit: expected its 40 hex digits'],
    isInSchema: true,
  },
  {
    name: "a name that no label can hold",
    text: `${SOURCES}channels: [{name: a/b, source: s, branch: m}]\n`,
    faults: [
      'k:2:19 Cannot use channel "a/b": a name has up to 63 letters, digits, and between them ' +
      "dots, dashes, underscores",
    ],
    isInSchema: true,
  },
  {
    name: "an empty priority list",
    text: `${SOURCES}channels: [{name: a, source: s, branch: m, priority: []}]\n`,
    faults: ['k:2:54 Cannot use channel "a": "priority" names at least one namespace'],
    isInSchema: true,
  },
  {
    name: "a selector that selects nothing",
    text: `${SOURCES}channels: [{name: a, source: s, branch: m, triggers: {}}]\n`,
    faults: [
      'k:2:54 Cannot use "channels[0].triggers": "namespaces" or "matchLabels" is required',
    ],
    isInSchema: true,
  },
  {
    name: "a canary of nobody",
    text: `${SOURCES}channels: [{name: a, source: s, branch: m, canary: {soak: 5m}}]\n`,
    faults: [
      'k:2:52 Cannot use "channels[0].canary": expected "percent" or "triggers", found neither',
    ],
    isInSchema: true,
  },
  {
    name: "two shares of a canary",
    text: `${SOURCES}channels:
- {name: a, source: s, branch: m, canary: {percent: 5, triggers: {namespaces: [qa]}}}
`,
    faults: [
      'k:3:43 Cannot use "channels[0].canary": expected "percent" or "triggers", found both',
    ],
    isInSchema: true,
  },
  {
    name: "values of a canary that cannot be read",
    text: `${SOURCES}channels:
- {name: a, source: s, branch: m, canary: {percent: 0, soak: soon, requireReady: perhaps, part: 1}}
`,
    faults: [
      'k:3:53 Cannot read "channels[0].canary.percent": expected a whole number from 1 to 100, ' +
      "found 0",
      'k:3:62 Cannot read the duration "soon": expected a whole number with a unit, such as ' +
      '"30s", "5m" or "1h"',
      'k:3:82 Cannot read "channels[0].canary.requireReady": expected true or false, found perhaps',
      'k:3:91 Cannot use "channels[0].canary.part": there is no such key; known: percent, ' +
      "triggers, soak, deadline, requireReady",
    ],
    isInSchema: true,
  },
  {
    name: "a canary that ends before it has soaked",
    text: `${SOURCES}channels:
- {name: a, source: s, branch: m, canary: {percent: 5, soak: 10m, deadline: 5m}}
`,
    faults: [
      'k:3:77 Cannot use "channels[0].canary.deadline": it is counted like "soak", and not shorter',
    ],
  },
  {
    name: "credentials that are incomplete, or given twice",
    text: `sources:
- {name: s, url: /r, credentials: {usernameFile: u}}
- {name: t, url: /t, credentials: {tokenFile: t, secretDirectory: d}}
- {name: u, url: /u, credentials: {tokenFile: t, tokenScheme: digest}}
- {name: v, url: /v, credentials: {token: secret}}
channels: [{name: a, source: s, branch: m}]
`,
    faults: [
      ...[[2, 0], [3, 1], [5, 3]].map(([line, source]) =>
        `k:${line}:35 Cannot use "sources[${source}].credentials": expected "tokenFile", ` +
        'or "usernameFile" with "passwordFile", or "secretDirectory"'
      ),
      'k:4:63 Cannot use "digest" for how a token is sent: expected basic or bearer',
      'k:5:36 Cannot use "sources[3].credentials.token": there is no such key; known: ' +
      "tokenFile, tokenScheme, passwordFile, usernameFile, secretDirectory",
    ],
    isInSchema: true,
  },
  {
    name: "signatures of nobody",
    text: `sources:
- {name: s, url: /r, verify: {}}
- {name: t, url: /r, verify: {allowedSigners: ""}}
channels: [{name: a, source: s, branch: m}]
`,
    faults: [
      'k:2:30 Cannot use "sources[0].verify": "allowedSigners" or "pgpKeys" is required',
      'k:3:47 Cannot read "sources[1].verify.allowedSigners": expected a filled text, found an ' +
      "empty text",
    ],
    isInSchema: true,
  },
  {
    name: "a source that there is not",
    text: `${SOURCES}channels: [{name: a, source: x, branch: m}]\n`,
    faults: ['k:2:30 Cannot use channel "a": there is no source "x"; did you mean "s"?'],
  },
  {
    name: "sources, channels and a default that are far from any that there is",
    text: `${SOURCES}channels:
- {name: stable, source: platform, branch: m}
- {name: beta, source: s, branch: n, over: production}
default: everyone
`,
    faults: [
      'k:3:26 Cannot use channel "stable": there is no source "platform"; expected "s", "t"',
      'k:4:44 Cannot use channel "beta": there is no channel "production" to lie over; ' +
      'expected "stable"',
      'k:5:10 Cannot use "everyone" as default: there is no such channel; expected "stable", ' +
      '"beta"',
    ],
  },
  {
    name: "two sources of one name",
    text: "sources: [{name: s, url: /r}, {name: s, url: /t}]\n" +
      "channels: [{name: a, source: s, branch: m}]\n",
    faults: ['k:1:38 Cannot use source "s": there are two of this name'],
  },
  {
    name: "a source and a channel that are broken, and channels that name them",
    text: `sources: [{name: s, url: ftp://x}]
channels:
- {name: a, source: s, branch: m}
- {name: b, source: s}
- {name: c, source: s, branch: m, over: b}
default: b
`,
    faults: [
      'k:1:26 Cannot open a "ftp" repository: expected an http, https or ssh URL, or a local path',
      'k:4:3 Cannot use "channels[1]": expected one of "branch", "tag" and "commit", found none',
    ],
  },
  {
    name: "lists and texts where maps belong",
    text: `${SOURCES}channels: [a, {name: b, source: s, branch: m, allow: [c], priority: d}]\n`,
    faults: [
      'k:2:12 Cannot read "channels[0]": expected a map, found a',
      'k:2:54 Cannot read "channels[1].allow": expected a map, found list',
      'k:2:69 Cannot read "channels[1].priority": expected a list, found d',
    ],
    isInSchema: true,
  },
  {
    name: "a list",
    text: "[]\n",
    faults: ["k:1:1 Cannot read the configuration: expected a map, found list"],
    isInSchema: true,
  },
  {
    name: "a key of a selector that there is not",
    text: `${SOURCES}channels: [{name: a, source: s, branch: m, triggers: {matchlabels: {}}}]\n`,
    faults: [
      'k:2:55 Cannot use "channels[0].triggers.matchlabels": there is no such key; did you mean ' +
      '"matchLabels"?',
    ],
    isInSchema: true,
  },
  {
    name: "a version that is a number for YAML, and a switch for the gate",
    text: "sources: [{name: s, url: /r}]\nchannels: [{name: a, tag: 1.10}]\ngate: true\n",
    faults: [
      'k:2:27 Cannot read "channels[0].tag": expected a text in quotes, "1.10", found 1.10',
      'k:3:7 Cannot use "true" for the gate: expected workflow, commit, off',
    ],
    isInSchema: true,
  },
  {
    name: "a pattern first and no default",
    text: `${SOURCES}channels:
- {name: a, source: s, branch: p/*}
- {name: b, source: s, branch: n}
`,
    faults: [
      'k:3:1 Cannot use "a" as default: it stands for many channels; name another one, as in ' +
      '"default: b"',
    ],
  },
  {
    name: "two channels of one name",
    text:
      `${SOURCES}channels: [{name: a, source: s, branch: m}, {name: a, source: s, branch: n}]\n`,
    faults: ['k:2:52 Cannot use channel "a": there are two of this name'],
  },
  {
    name: "a channel over one that there is not",
    text: `${SOURCES}channels: [{name: a, source: s, branch: m, over: x}]\n`,
    faults: ['k:2:50 Cannot use channel "a": there is no channel "x" to lie over'],
  },
  {
    name: "channels over each other",
    text: `${SOURCES}channels:
- {name: a, source: s, branch: m, over: b}
- {name: b, source: s, branch: n, over: a}
`,
    faults: [
      'k:3:41 Cannot use channel "a": it lies over itself',
      'k:4:41 Cannot use channel "b": it lies over itself',
    ],
  },
  {
    name: "a channel over one of another repository",
    text: `${SOURCES}channels:
- {name: a, source: s, branch: m}
- {name: b, source: t, branch: n, over: a}
`,
    faults: ['k:4:41 Cannot use channel "b": "a" is of another source'],
  },
  {
    name: "patterns of two sources whose channels may be called alike",
    text: `${SOURCES}channels:
- {name: pr-*, source: s, branch: p/*}
- {name: pr, source: s, branch: q/*}
- {name: "*-pr", source: t, branch: p/*}
- {name: qr, source: t, branch: q/*}
`,
    faults: [
      'k:5:10 Cannot use channel "*-pr": its channels could be called like those of "pr-*", ' +
      "which is of another source",
    ],
  },
  {
    name: "an overlay with a namespace of its own",
    text: `${SOURCES}channels:
- {name: a, source: s, branch: m}
- {name: b, source: s, branch: n, over: a, namespace: other}
`,
    faults: [
      'k:4:55 Cannot use channel "b": the namespace of its nameless documents is inherited ' +
      'from "a": leave it out',
    ],
  },
  {
    name: "a channel over a pattern, and a pattern as default",
    text: `${SOURCES}channels:
- {name: a, source: s, branch: p/*}
- {name: b, source: s, branch: n, over: a}
default: a
`,
    faults: [
      'k:4:41 Cannot use channel "b": "a" stands for many channels: it cannot lie over them',
      'k:5:10 Cannot use "a" as default: it stands for many channels; name another one, as in ' +
      '"default: b"',
    ],
  },
  {
    name: "a default that there is not",
    text: `${SOURCES}channels: [{name: a, source: s, branch: m}]\ndefault: b\n`,
    faults: ['k:3:10 Cannot use "b" as default: there is no such channel; did you mean "a"?'],
  },
];

for (const { name, text, faults, isInSchema = false } of FAULTS) {
  Deno.test(`a configuration file is refused with ${name}`, async () => {
    const expected = [...faults].sort((a, b) => placeOf(a) - placeOf(b));
    deepEqual(faultsOf(text, "k"), ["Cannot use the configuration:", ...expected]);
    equal((await schemaFaults(text)).length > 0, isInSchema);
  });
}

Deno.test("a fault of a configuration file is shown in its line, and no password with it", () => {
  const text = `sources:
- {name: s, url: "https://ann:pass@word@git.example.com/s.git", pth: koreo}
channels:
- {name: a, branch: m}
gate:
  mode: off
`;
  throws(() => parseConfiguration(text, "k"), {
    message: `Cannot use the configuration:
k:2:65 Cannot use "sources[0].pth": there is no such key; did you mean "path"?
 2 | - {name: s, url: "https://*************@git.example.com/s.git", pth: koreo}
   |                                                                 ^^^
k:6:3 Cannot read "gate": expected a filled text, found map
 6 |   mode: off
   |   ^^^^^^^^^`,
  });
  throws(() => parseConfiguration('sources: [{url: "https://ann:secret@h/x"', "k"), {
    message: /^Cannot read the configuration:\nk:1:\d+ error yaml-syntax(?![\s\S]*secret)/,
  });
});

function placeOf(fault: string): number {
  const [, line, column] = /^k:(\d+):(\d+)/.exec(fault) ?? [];
  return Number(line) * 1_000 + Number(column);
}

async function schemaFaults(text: string): Promise<readonly unknown[]> {
  const schema = JSON.parse(await Deno.readTextFile(`${ROOT}docs/schemas/config.json`));
  const validate = new Ajv2020({ allErrors: true, strict: true, strictRequired: false })
    .compile(schema);
  const [document] = readDocuments({ path: "k", text }, { withForeign: true });
  validate(document && documentValue(document));
  return validate.errors ?? [];
}

const LINES = [
  {
    name: "a file together with a repository",
    args: ["--config", "k.yaml", "--repo", "/r"],
    error: "Cannot use --repo together with --config: say it in the file",
  },
  {
    name: "a file together with a channel",
    args: ["--config", "k.yaml", "--channel", "a=b"],
    error: "Cannot use --channel together with --config: say it in the file",
  },
  {
    name: "a file together with a canary",
    args: ["--config", "k.yaml", "--canary-percent", "5"],
    error: "Cannot use --canary-percent together with --config: say it in the file",
  },
  {
    name: "a canary of more than everyone",
    args: ["--repo", "/r", "--canary-percent", "101"],
    error: 'Cannot use "101" for --canary-percent: expected a whole number from 1 to 100',
  },
  {
    name: "a soak without a canary",
    args: ["--repo", "/r", "--canary-soak", "5m"],
    error: "Cannot use --canary-soak alone: give --canary-percent too",
  },
  {
    name: "a file that is not there",
    args: ["--config", "/nowhere/k.yaml"],
    error: 'Cannot read the configuration "/nowhere/k.yaml": there is no such file',
  },
  {
    name: "a directory as file",
    args: ["--config", "/"],
    error: 'Cannot read the configuration "/": it is a directory',
  },
  {
    name: "a channel twice",
    args: ["--repo", "/r", "--channel", "stable=b"],
    error: 'Cannot define channel "stable" twice',
  },
  {
    name: "a channel without a name",
    args: ["--repo", "/r", "--channel", "=b"],
    error: 'Cannot read "=b" for --channel: expected NAME=BRANCH, such as beta=beta',
  },
  {
    name: "a pattern for its first channel",
    args: ["--repo", "/r", "--branch", "x/*"],
    error: 'Cannot use a pattern for --branch: give it to --channel, as "x=x/*"',
  },
  {
    name: "a channel that is selected where all are followed",
    args: ["--repo", "/r", "--channel", "beta"],
    error: 'Cannot read "beta" for --channel: expected NAME=BRANCH',
  },
];

for (const { name, args, error } of LINES) {
  Deno.test(`koreo reconcile refuses ${name}`, async () => {
    deepEqual(await koreo(["reconcile", ...args]), {
      code: 2,
      stdout: "",
      stderr: `error: ${error}\n`,
    });
  });
}

Deno.test("flags give the first channel a canary", () => {
  const configuration = configurationOf({
    repo: "/r",
    canaryPercent: "5",
    canarySoak: "1h",
    channel: ["beta=beta"],
  });
  deepEqual(configuration?.channels.map(({ name, canary }) => ({ name, canary })), [
    {
      name: "stable",
      canary: {
        share: { type: "percent", percent: 5 },
        soakMs: 3_600_000,
        deadlineMs: 7_200_000,
        requireReady: true,
      },
    },
    { name: "beta", canary: undefined },
  ]);
});

Deno.test("koreo reconcile shows where its configuration is wrong", async () => {
  await using files = await temporaryFiles({ "k.yaml": "sources: [\n" });
  const { code, stderr } = await koreo(["reconcile", "--config", `${files.directory}/k.yaml`]);
  equal(code, 2);
  equal(stderr.includes("k.yaml:"), true, stderr);
});

Deno.test("koreo channels says where a configuration is no text, and what it expects of an empty one", async () => {
  const directory = await Deno.makeTempDir();
  const path = `${directory}/k.yaml`;
  const errorOf = async (bytes: Uint8Array) => {
    await Deno.writeFile(path, bytes);
    const { code, stdout, stderr } = await koreo(["channels", "--config", path]);
    deepEqual([code, stdout], [2, ""]);
    return stderr.replaceAll(path, "k.yaml").split("\n").slice(0, 3);
  };
  try {
    deepEqual(await errorOf(Uint8Array.from([...new TextEncoder().encode("a: 1\nb: "), 255])), [
      "error: Cannot read the configuration:",
      "k.yaml:2:4 error yaml-syntax",
      "Cannot read the file: from here on it is not UTF-8 text",
    ]);
    deepEqual(await errorOf(new Uint8Array()), [
      'error: Cannot use the configuration "k.yaml": expected one document with "sources" and ' +
      '"channels", found nothing',
      "",
    ]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("every option that names definitions is a variable too", () => {
  for (const option of [...definitionOptions(), intervalOption(), ...gateOptions()]) {
    equal(option.envVar, `KOREO_${option.name().replaceAll("-", "_").toUpperCase()}`);
  }
});

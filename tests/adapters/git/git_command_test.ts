// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, throws } from "node:assert/strict";
import { gitEnvironment, sshCommand } from "../../../src/adapters/git/git_environment.ts";
import { gitFailure } from "../../../src/adapters/git/git_failure.ts";
import { readGitLocation } from "../../../src/adapters/git/git_location.ts";

const LOCATIONS = [
  ["https://git.example.com/a.git", { type: "http", address: "https://git.example.com/a.git" }],
  [
    "https://tess:pw@git.example.com/a.git/",
    {
      type: "http",
      address: "https://git.example.com/a.git",
      credentials: { type: "basic", username: "tess", password: "pw" },
    },
  ],
  ["ssh://git@git.example.com/a.git", { type: "ssh", address: "ssh://git@git.example.com/a.git" }],
  [
    "ssh://git.example.com:2222/~/a.git",
    { type: "ssh", address: "ssh://git.example.com:2222/~/a.git" },
  ],
  ["ssh://git@[::1]:22/a.git", { type: "ssh", address: "ssh://git@[::1]:22/a.git" }],
  ["git@git.example.com:team/a.git", { type: "ssh", address: "git@git.example.com:team/a.git" }],
  ["file:///srv/a%20b.git", { type: "local", path: "/srv/a b.git" }],
  ["../definitions", { type: "local", path: "../definitions" }],
  ["./odd@name:x", { type: "local", path: "./odd@name:x" }],
] as const;

for (const [text, expected] of LOCATIONS) {
  Deno.test(`readGitLocation() reads ${text.replace(/\/\/.*@/, "//…@")}`, () => {
    deepEqual(readGitLocation(text), expected);
  });
}

const REFUSED = [
  "ssh://-oProxyCommand=touch/x",
  "ssh://git@-oProxyCommand=touch/x",
  "ssh://-l@git.example.com/x",
  "ssh://git@git.example.com/-x",
  "ssh://git:pw-planted@git.example.com/x",
  "ssh://git@git.example.com",
  "ssh://git@git.example.com:99999999/x",
  "ext::sh -c touch% /tmp/x",
  "ext://sh",
  "git://git.example.com/a.git",
  "fd://17/x",
  "https://git.example.com/a\nb",
];

for (const text of REFUSED) {
  const isPath = !text.includes("://");
  Deno.test(`readGitLocation() ${isPath ? "takes for a path" : "refuses"} ${JSON.stringify(text)}`, () => {
    // Without "://" it is a file name here, and git is given it with a slash before it.
    if (isPath) return equal(readGitLocation(text).type, "local");
    throws(() => readGitLocation(text), (error) => {
      equal(error instanceof TypeError, true);
      equal(String(error).includes("pw-planted"), false);
      return true;
    });
  });
}

const SURROUNDINGS = {
  directory: "/mirror",
  protocol: "https",
  idleMs: 1_500,
  maxAllocationBytes: 1_000,
  maxFileBytes: 100,
} as const;

Deno.test("gitEnvironment() takes over nothing that could lead git astray", () => {
  const hostile: Readonly<Record<string, string>> = {
    PATH: "/usr/bin",
    HOME: "/home/tess",
    GIT_DIR: "/elsewhere",
    GIT_TRACE_CURL: "1",
    GIT_CONFIG_PARAMETERS: "'core.sshCommand=touch x'",
    GIT_SSH: "evil",
    GIT_EXEC_PATH: "/evil",
    LD_PRELOAD: "/evil.so",
    KOREO_GIT_TOKEN: "planted-token",
  };
  const env = gitEnvironment(SURROUNDINGS, (name) => hostile[name]);
  equal(env["PATH"], "/usr/bin");
  equal(env["HOME"], "/mirror");
  equal(env["GIT_DIR"], "/mirror");
  equal(env["GIT_ALLOW_PROTOCOL"], "https");
  for (
    const name of [
      "GIT_TRACE_CURL",
      "GIT_CONFIG_PARAMETERS",
      "GIT_SSH",
      "GIT_EXEC_PATH",
      "LD_PRELOAD",
    ]
  ) {
    equal(env[name], undefined, name);
  }
  equal(JSON.stringify(env).includes("planted-token"), false);
});

Deno.test("gitEnvironment() takes over the proxies that count for everything else", () => {
  const proxies = ["HTTP_PROXY", "https_proxy", "no_proxy", "all_proxy", "ALL_PROXY"];
  const env = gitEnvironment(SURROUNDINGS, (name) => proxies.includes(name) ? name : undefined);
  const { HTTP_PROXY: _none, ...taken } = Object.fromEntries(proxies.map((name) => [name, name]));
  const found = Object.keys(env).filter((name) => /proxy$/i.test(name));
  deepEqual(
    Object.fromEntries(found.map((name) => [name, env[name]])),
    { ...taken, http_proxy: "HTTP_PROXY" },
  );
});

Deno.test("gitEnvironment() gives settings as variables, numbered without a gap", () => {
  const env = gitEnvironment(
    { ...SURROUNDINGS, authorization: "Bearer x", caFile: "/ca.pem" },
    () => undefined,
  );
  const count = Number(env["GIT_CONFIG_COUNT"]);
  const pairs = Array.from(
    { length: count },
    (_, at) => [env[`GIT_CONFIG_KEY_${at}`], env[`GIT_CONFIG_VALUE_${at}`]],
  );
  const settings = new Map(pairs.map(([key, value]) => [key, value]));
  equal(settings.size, count);
  equal(settings.get("http.extraHeader"), "Authorization: Bearer x");
  equal(settings.get("http.sslCAInfo"), "/ca.pem");
  equal(settings.get("http.followRedirects"), "false");
  equal(settings.get("http.lowSpeedTime"), "2");
  equal(settings.get("core.hooksPath"), "/dev/null");
  equal(settings.get("credential.helper"), "");
  equal(env["GIT_SSH_COMMAND"], undefined);
});

Deno.test("sshCommand() quotes paths for the shell and for ssh", () => {
  const command = sshCommand({ keyFile: "/keys/it's 100%", knownHostsFile: "/known hosts" });
  equal(command.includes("ssh -F none -o"), true, command);
  equal(command.includes(`-o 'IdentityFile="/keys/it'\\''s 100%%"'`), true, command);
  equal(command.includes(`-o 'UserKnownHostsFile="/known hosts"'`), true, command);
  equal(command.includes("-o 'IdentitiesOnly=yes'"), true, command);
  equal(sshCommand({}).includes("-F"), false);
});

Deno.test("sshCommand() lets the hosts of a file that is named count alone", () => {
  const known = (command: string) => command.match(/\w+KnownHostsFile=[^']*/g);
  deepEqual(known(sshCommand({ knownHostsFile: "/hosts" })), [
    'UserKnownHostsFile="/hosts"',
    "GlobalKnownHostsFile=/dev/null",
  ]);
  deepEqual(known(sshCommand({})), null);
});

const SAID = [
  ["fatal: could not read Username for 'https://x': terminal prompts disabled", "unauthorized"],
  ["fatal: Authentication failed for 'https://x/'", "unauthorized"],
  ["fatal: unable to access 'https://x/': The requested URL returned error: 403", "unauthorized"],
  [
    "git@x: Permission denied (publickey).\r\nfatal: Could not read from remote repository.",
    "unauthorized",
  ],
  ["Host key verification failed.\nfatal: Could not read from remote repository.", "unauthorized"],
  ["fatal: unable to access 'https://x/': The requested URL returned error: 407", "unauthorized"],
  [
    "fatal: unable to access 'https://x/': Received HTTP code 407 from proxy after CONNECT",
    "unauthorized",
  ],
  ["fatal: unable to access 'https://x/': CONNECT tunnel failed, response 407", "unauthorized"],
  ["fatal: transport 'ext' not allowed", "unauthorized"],
  ["fatal: repository 'https://x/' not found", "no-such-repository"],
  ["fatal: '/a' does not appear to be a git repository", "no-such-repository"],
  ["ssh: Could not resolve hostname x: Name or service not known", "unreachable"],
  ["fatal: unable to access 'https://x/': Failed to connect to x port 443", "unreachable"],
  ["fatal: unable to access 'https://x/': The requested URL returned error: 503", "unreachable"],
  ["fatal: unable to access 'https://x/': Operation too slow. Less than 1 bytes/sec", "timeout"],
  ["ssh: connect to host x port 22: Connection timed out", "timeout"],
  ["fatal: early EOF\nfatal: index-pack failed", "broken-transfer"],
  ["fatal: attempting to allocate 9 over limit 8", "limit-exceeded"],
  ["", "broken-transfer"],
] as const;

for (const [said, code] of SAID) {
  Deno.test(`gitFailure() means ${code} by ${JSON.stringify(said.slice(0, 60))}`, () => {
    equal(gitFailure(said).code, code);
  });
}

Deno.test("gitFailure() says what to do behind what git says", () => {
  const { message } = gitFailure("fatal: unable to access 'https://x/': returned error: 302");
  equal(
    message.startsWith(`git says "unable to access 'https://x/': returned error: 302"; `),
    true,
  );
  equal(message.endsWith("name the address that it leads to"), true);
});

const FRAME = "@".repeat(59);
const DENIED =
  "git@x: Permission denied (publickey).\r\nfatal: Could not read from remote repository.";

/** As ssh says it, and the line and the advice that a person needs. */
const SAID_BY_SSH = [
  [DENIED, "git@x: Permission denied (publickey).", /--git-ssh-key-file, or ssh\.keyFile/],
  [
    `Warning: Identity file /key not accessible: No such file or directory.\r\n${DENIED}`,
    "Identity file /key not accessible: No such file or directory.",
    /the key file must be there/,
  ],
  [
    `no such identity: /key: No such file or directory\r\n${DENIED}`,
    "no such identity: /key: No such file or directory",
    /the key file must be there/,
  ],
  [
    `${FRAME}\n@         WARNING: UNPROTECTED PRIVATE KEY FILE!          @\n${FRAME}\n` +
    `Permissions 0644 for '/key' are too open.\nLoad key "/key": bad permissions\n${DENIED}`,
    "Permissions 0644 for '/key' are too open.",
    /for nobody else to read/,
  ],
  [
    `${FRAME}\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @\n${FRAME}\n` +
    `  ssh-keygen -f "/known" -R "x"\nHost key verification failed.\nfatal: Could not read`,
    "REMOTE HOST IDENTIFICATION HAS CHANGED!",
    /another key than the one that is known of it/,
  ],
  [
    "kex_exchange_identification: Connection closed by remote host\nfatal: Could not read from it",
    "kex_exchange_identification: Connection closed by remote host",
    /"$/,
  ],
] as const;

for (const [said, line, advice] of SAID_BY_SSH) {
  Deno.test(`gitFailure() shows of ssh the line ${JSON.stringify(line)}`, () => {
    const { message } = gitFailure(said);
    equal(message.startsWith(`git says "${line}"`), true, message);
    match(message, advice);
  });
}

Deno.test("gitFailure() shows one line without control characters, of bounded length", () => {
  const { message } = gitFailure(`remote: hint\nfatal: \u001b[31m${"x".repeat(5_000)}\nmore`);
  equal(message.length < 400, true);
  equal(message.includes("\u001b") || message.includes("\n"), false);
});

// SPDX-License-Identifier: Apache-2.0

import { equal, match } from "node:assert/strict";
import { systemClock, systemRandom, systemYield } from "../../src/adapters/system.ts";
import { parseConfiguration } from "../../src/cli/read_configuration.ts";
import { createWorkerFeed } from "../../src/cli/worker_feed.ts";
import { createReleaseRegistry } from "../../src/controller/mod.ts";
import type { LogEntry } from "../../src/runtime/ports.ts";
import { ROOT } from "../cli/run_koreo.ts";
import { startReconciler } from "../cluster/reconciler_process.ts";
import { PATIENCE_MS, until } from "../until.ts";
import { gone, processesWith } from "./processes.ts";
import { definitions, runReconciler } from "./running_reconciler.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";
import { SAY_NOTHING, type SshServer, startSshServer } from "./ssh_server.ts";

/** Two repositories behind one server, and a directory for what their owners are given. */
interface TwoSources extends AsyncDisposable {
  readonly server: SshServer;
  readonly a: ServedFixture;
  readonly b: ServedFixture;
  /** A configuration with a channel for each, and the files that it names beside it. */
  readonly config: string;
  /** Puts a key and the known hosts where the configuration names them. */
  give(source: "a" | "b", keyFile: string): Promise<void>;
  file(source: "a" | "b", name: "key" | "hosts"): string;
}

async function makeTwoSources(): Promise<TwoSources> {
  const ended = new AsyncDisposableStack();
  const [a, b] = [ended.use(await makeServedFixture()), ended.use(await makeServedFixture())];
  const server = ended.use(await startSshServer());
  const config = server.path("koreo.yaml");
  // As a Secret may be mounted: nothing in a path is to mean anything to a shell or to ssh.
  const directory = server.path("it's 100% $HOME");
  const file = (source: string, name: string) => `${directory}/${source}-${name}`;
  await Deno.mkdir(directory);
  const sources = Object.entries({ a, b }).map(([name, { path }]) =>
    `  - name: ${name}
    url: ${server.address(path)}
    path: koreo
    interval: 50ms
    ssh:
      keyFile: "it's 100% $HOME/${name}-key"
      knownHostsFile: "it's 100% $HOME/${name}-hosts"
`
  );
  const channels =
    "channels: [{name: a, source: a, branch: main}, {name: b, source: b, branch: main}]";
  await Deno.writeTextFile(config, `sources:\n${sources.join("")}${channels}\n`);
  for (const fixture of [a, b]) await fixture.commit("main", { files: definitions(1) });
  return {
    server,
    a,
    b,
    config,
    file,
    async give(source, keyFile) {
      await Deno.copyFile(keyFile, `${file(source, "key")}.new`);
      await Deno.rename(`${file(source, "key")}.new`, file(source, "key"));
      await Deno.copyFile(server.ssh.knownHostsFile, file(source, "hosts"));
    },
    [Symbol.asyncDispose]: () => ended.disposeAsync(),
  };
}

/** What of a private key is nobody's business: each of its lines. */
async function linesOf(...keyFiles: readonly string[]): Promise<readonly string[]> {
  const texts = await Promise.all(keyFiles.map((file) => Deno.readTextFile(file)));
  return texts.flatMap((text) => text.split("\n")).filter((line) =>
    /^[A-Za-z0-9+/=]{20,}$/.test(line)
  );
}

Deno.test("Over SSH each source has its own key, which rotates, goes and comes back while it is followed", async () => {
  await using two = await makeTwoSources();
  const { server, a, b } = two;
  const [first, second, other] = [
    await server.makeKey("first"),
    await server.makeKey("second"),
    await server.makeKey("other"),
  ];
  await server.letIn(first);
  await two.give("a", first);
  await two.give("b", other);
  await using reconciler = runReconciler(["--config", two.config, "--listen", "127.0.0.1:0"]);
  const { url } = await reconciler.untilLogged(/^Listening/);
  const put = (channel: string, id: string) =>
    reconciler.untilLogged(new RegExp(`^Put .*main@sha1:${id}.* in force`)).then((line) => {
      equal(line["channel"], channel);
    });
  // One has the right key, and is not held up by the other.
  const refused = await reconciler.untilLogged(/^Cannot fetch .*Permission denied \(publickey\)/);
  match(refused.message, /set --git-ssh-key-file, or ssh\.keyFile of the source .*; what is in fo/);
  await put("a", await a.commit("main", { files: definitions(2) }));
  await server.letIn(first, other);
  await put("b", await b.git("rev-parse", "main"));
  // The key of one rotates: on the server first, and the old one is refused then.
  await server.letIn(second, other);
  await reconciler.untilLogged(/^Cannot fetch .*Permission denied/);
  await two.give("a", second);
  await put("a", await a.commit("main", { files: definitions(3) }));
  // It is gone, and back.
  await Deno.rename(two.file("a", "key"), two.file("a", "key") + ".away");
  await reconciler.untilLogged(/^Cannot fetch .*no such identity: .*it's 100% \$HOME\/a-key: /);
  const unseen = await a.commit("main", { files: definitions(4) });
  await put("b", await b.commit("main", { files: definitions(5) }));
  let served = "";
  for (const page of ["/metrics", "/readyz", "/api/v1/channels"]) {
    served += await (await fetch(`${url}${page}`)).text();
  }
  match(served, /Permission denied|no such identity/);
  await Deno.rename(two.file("a", "key") + ".away", two.file("a", "key"));
  await put("a", unseen);
  equal(await reconciler.end(), 0);
  const secrets = await linesOf(first, second, other);
  equal(secrets.length >= 12, true);
  for (const secret of secrets) {
    equal((served + reconciler.said() + server.log()).includes(secret), false);
  }
});

Deno.test("Over SSH a server that says nothing is given up in its time, while another source goes on", async () => {
  await using two = await makeTwoSources();
  const { server, a, b } = two;
  await using silent = await startSshServer();
  await silent.answer(SAY_NOTHING);
  await two.give("a", silent.ssh.keyFile);
  await two.give("b", server.ssh.keyFile);
  await Deno.copyFile(silent.ssh.knownHostsFile, two.file("a", "hosts"));
  const text = await Deno.readTextFile(two.config);
  const configuration = parseConfiguration(
    text.replace(server.address(a.path), silent.address(a.path)),
    two.config,
  );
  const givenUp = new RegExp(
    `^Cannot fetch .*127\\.0\\.0\\.1:${silent.port}/.*git was not done within ` +
      `${2 * SILENCE_MS / 1_000} s; what is in force stays`,
  );
  const sessions = () => silent.log().split("Starting session").length;
  let [seen, pushes] = [sessions(), 0];
  await using live = follow(configuration, { idleMs: SILENCE_MS });
  // A push may take a busy machine longer than one silence: then it counts in another one.
  await until("a push is in force within a silence of the other server", async () => {
    await until("the silent server is asked", () => sessions() > seen);
    seen = sessions();
    const silences = live.count(givenUp);
    const id = await b.commit("main", { files: definitions(2 + pushes++) });
    await live.logs(new RegExp(`^Put .*${id}.* in force`));
    return live.count(givenUp) === silences;
  });
  await live.logs(givenUp);
});

/** So long a server may say nothing; a listing may take twice as long. */
const SILENCE_MS = 2_000;

/** What is in force, followed in a Worker, with what is logged about it. */
interface Followed extends AsyncDisposable {
  /** Waits for a line of the log, from the first one on. */
  logs(pattern: RegExp): Promise<void>;
  /** Lines of the log that match so far. */
  count(pattern: RegExp): number;
}

function follow(
  configuration: ReturnType<typeof parseConfiguration>,
  git: { readonly idleMs: number },
): Followed {
  const stop = new AbortController();
  const logged: string[] = [];
  const logger = { log: ({ message }: LogEntry) => void logged.push(message) };
  const count = (pattern: RegExp) => logged.filter((line) => pattern.test(line)).length;
  const registry = createReleaseRegistry({
    feed: createWorkerFeed({ configuration, git }, { logger }),
    channels: configuration.channels,
    clock: systemClock,
    random: systemRandom,
    yieldNow: systemYield,
    logger,
  });
  const running = registry.run({ signal: stop.signal }).catch(() => {});
  return {
    count,
    async logs(pattern) {
      await until(`${pattern} is logged`, () => count(pattern) > 0);
    },
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}

/** It may run git alone: none of what git starts. */
const PERMISSIONS = [
  ...["--allow-net", "--allow-read", "--allow-write", "--allow-env", "--allow-sys"],
  "--allow-run=git",
];

Deno.test("A process that is killed while a fetch over SSH waits leaves no git and no ssh behind", async () => {
  await using fixture = await makeServedFixture();
  await using server = await startSshServer();
  await server.answer(SAY_NOTHING);
  const { keyFile, knownHostsFile } = server.ssh;
  await using reconciler = startReconciler({
    permissions: PERMISSIONS,
    args: [
      ...["--repo", server.address(fixture.path), "--cluster", "embedded"],
      ...["--git-ssh-key-file", keyFile, "--git-known-hosts-file", knownHostsFile],
    ],
  });
  await server.untilLogged(/Starting session/);
  const started = [
    ...processesWith(knownHostsFile),
    ...processesWith(`git\0ls-remote`).filter((pid) => parentOf(pid) === reconciler.pid),
  ].filter((pid) => pid !== reconciler.pid);
  equal(started.length >= 3, true);
  await reconciler.crash();
  await gone(started);
});

function parentOf(pid: number): number {
  const [, parent] = /^PPid:\s+(\d+)/m.exec(Deno.readTextFileSync(`/proc/${pid}/status`)) ?? [];
  return Number(parent);
}

const QUESTIONS = /Enter passphrase|password:|continue connecting/;

Deno.test("Nothing about SSH is ever asked, also at a terminal", async () => {
  await using fixture = await makeServedFixture();
  await using server = await startSshServer();
  await using asking = await startSshServer({
    config: ["PasswordAuthentication yes", "AuthenticationMethods password"],
  });
  const { keyFile, knownHostsFile } = server.ssh;
  const locked = await server.makeKey("locked", "planted-passphrase");
  await server.letIn(keyFile, locked);
  const [address, other] = [server.address(fixture.path), asking.address(fixture.path)];
  const cases = [
    [address, "--git-ssh-key-file", locked, "--git-known-hosts-file", knownHostsFile],
    [address, "--git-ssh-key-file", keyFile, "--git-known-hosts-file", asking.ssh.knownHostsFile],
    [other, "--git-ssh-key-file", keyFile, "--git-known-hosts-file", asking.ssh.knownHostsFile],
  ];
  const command = [
    "timeout",
    "--foreground",
    String(2 * PATIENCE_MS / 1_000),
    Deno.execPath(),
    "run",
    "-A",
    "--no-check",
    `${ROOT}cli.ts`,
    "validate",
  ];
  const said = await Promise.all(cases.map((args) => atTerminal([...command, ...args])));
  for (const text of said) {
    equal(QUESTIONS.test(text), false, text);
    match(text, /Permission denied|host key is known/);
  }
  // By hand it is asked for, and waited for: a terminal is there.
  const byHand = ["ssh", "-F", "none", "-i", locked, "-o", "IdentitiesOnly=yes"];
  const known = ["-o", `UserKnownHostsFile=${knownHostsFile}`, "-o", "NumberOfPasswordPrompts=1"];
  const host = ["-p", String(server.port), "127.0.0.1", "true"];
  let seconds = 1; // more of them where a busy machine has not come to the question
  await until("ssh asks", async () => {
    const ask = ["timeout", "--foreground", String(seconds), ...byHand, ...known, ...host];
    seconds *= 2;
    return QUESTIONS.test(await atTerminal(ask));
  });
});

/** Runs a command at a terminal of its own, at which nobody types. */
async function atTerminal(command: readonly string[]): Promise<string> {
  const line = command.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ");
  const { stdout } = await new Deno.Command("script", {
    args: ["-q", "-e", "-c", line, "/dev/null"],
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import {
  type CommandLineRepository,
  type CommandLineSettings,
  createCommandLineRepository,
  readGitLocation,
} from "../../src/adapters/git/mod.ts";
import type { RepositoryErrorCode } from "../../src/runtime/ports.ts";
import { hasCode } from "../contract/repository_contract.ts";
import { until } from "../until.ts";
import { fetchInTime } from "./fetch_in_time.ts";
import { gone, processesWith } from "./processes.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";
import { knownHost, SAY_NOTHING, SERVE, type SshServer, startSshServer } from "./ssh_server.ts";

const { signal } = new AbortController();

/** A repository with a commit, behind a real OpenSSH server. */
interface SshPlace extends AsyncDisposable {
  readonly fixture: ServedFixture;
  readonly server: SshServer;
  /** Its head at first. */
  readonly first: string;
  /** Reads it by the git command; ended with the place. */
  open(given?: OpenOptions): CommandLineRepository;
}

interface OpenOptions extends Omit<CommandLineSettings, "location"> {
  readonly address?: string;
}

async function makeSshPlace(config: readonly string[] = []): Promise<SshPlace> {
  const ended = new AsyncDisposableStack();
  const fixture = ended.use(await makeServedFixture());
  const server = ended.use(await startSshServer({ root: `${fixture.path}/..`, config }));
  return {
    fixture,
    server,
    first: await fixture.commit("main", { files: { "a.yaml": "a: 1\n" } }),
    open: ({ address = server.address(fixture.path), ...given } = {}) =>
      ended.use(createCommandLineRepository({
        location: readGitLocation(address),
        ssh: server.ssh,
        ...given,
      })),
    [Symbol.asyncDispose]: () => ended.disposeAsync(),
  };
}

/** What goes wrong, and what its owner is told. */
interface SshFault {
  readonly name: string;
  readonly happen: (place: SshPlace) => Promise<unknown>;
  readonly code: RepositoryErrorCode;
  readonly told: RegExp;
}

const KEY_ADVICE = "\\(?--git-ssh-key-file, or ssh\\.keyFile of the source in the configuration";
const HOSTS_ADVICE = "\\(?--git-known-hosts-file, or ssh\\.knownHostsFile of the source in the con";

const FAULTS: readonly SshFault[] = [
  {
    name: "a key that the server does not know",
    happen: ({ server }) => server.makeKey("key"),
    code: "unauthorized",
    told: new RegExp(`Permission denied \\(publickey\\)\\."; set ${KEY_ADVICE}`),
  },
  {
    name: "a key that is not there",
    happen: ({ server }) => Deno.remove(server.ssh.keyFile),
    code: "unauthorized",
    told: new RegExp(
      `no such identity: .*/key: No such file.*"; the key file must be.*${KEY_ADVICE}`,
    ),
  },
  {
    name: "a key that others may read",
    happen: ({ server }) => Deno.chmod(server.ssh.keyFile, 0o644),
    code: "unauthorized",
    told: new RegExp(`Permissions 0644 for .* are too open\\."; .*nobody else to.*${KEY_ADVICE}`),
  },
  {
    name: "a key that is none",
    happen: ({ server }) => Deno.writeTextFile(server.ssh.keyFile, `${PLANTED}\n`),
    code: "unauthorized",
    told: new RegExp(`Load key ".*": .*"; the key file must be there, .*${KEY_ADVICE}`),
  },
  {
    name: "a key with a passphrase",
    happen: async ({ server }) => server.letIn(await server.makeKey("key", PLANTED)),
    code: "unauthorized",
    told: new RegExp(`Permission denied.*"; set ${KEY_ADVICE}.*that has no passphrase`),
  },
  {
    name: "a host that is not known",
    happen: ({ server }) => Deno.writeTextFile(server.ssh.knownHostsFile, ""),
    code: "unauthorized",
    told: new RegExp(`host key is known for .*"; put the key .* into the file of ${HOSTS_ADVICE}`),
  },
  {
    name: "a file of known hosts that is not there",
    happen: ({ server }) => Deno.remove(server.ssh.knownHostsFile),
    code: "unauthorized",
    told: new RegExp(`host key is known for .*"; put the key .* into the file of ${HOSTS_ADVICE}`),
  },
  {
    name: "a host with another key than the known one",
    happen: async ({ server }) => {
      const line = await knownHost(server.port, await server.makeKey("former"));
      await Deno.writeTextFile(server.ssh.knownHostsFile, line);
    },
    code: "unauthorized",
    told: new RegExp(`IDENTIFICATION HAS CHANGED!"; .*${HOSTS_ADVICE}.*find out why before that`),
  },
  {
    name: "a path without a repository",
    happen: ({ fixture }) => Deno.rename(fixture.path, `${fixture.path}.moved`),
    code: "no-such-repository",
    told: /definitions\.git' does not appear to be a git repository"$/,
  },
  {
    name: "no server at its port",
    happen: ({ server }) => server.stop(),
    code: "unreachable",
    told: /connect to host 127\.0\.0\.1 port \d+: Connection refused"$/,
  },
  {
    name: "an account that may not run git",
    happen: ({ server }) => server.answer('echo "This account is not available"; exit 1'),
    code: "broken-transfer",
    told: /git says "protocol error: .*This"$/,
  },
  {
    name: "a connection that is closed behind the login",
    happen: ({ server }) => server.answer("exit 0"),
    code: "broken-transfer",
    told: /git says "Could not read from remote repository\."$/,
  },
];

/** What no error and no log may hold: a passphrase, a wrong key, and lines of the right one. */
const PLANTED = "planted-2c7de1";

function hasTrace(text: string, key: string): boolean {
  const lines = key.split("\n").filter((line) => line !== "" && !line.startsWith("-----"));
  return [PLANTED, ...lines.map((line) => line.slice(0, 24))].some((part) => text.includes(part));
}

Deno.test("Repository over SSH keeps its state through what goes wrong, and recovers from", async (test) => {
  await using place = await makeSshPlace();
  const { fixture, server, first, open } = place;
  const key = await Deno.readTextFile(server.ssh.keyFile);
  const mend = await mending(place);
  const repository = open();
  await repository.fetch({ signal });
  for (const { name, happen, code, told } of FAULTS) {
    await test.step(name, async () => {
      await happen(place);
      await rejects(repository.fetch({ signal }), (error) => {
        hasCode(code)(error);
        match(String(error), told);
        match(
          String(error),
          /^RepositoryError: Cannot fetch repository "ssh:\/\/\S+@127\.0\.0\.1:/,
        );
        equal(hasTrace(Deno.inspect(error, { depth: 20, showHidden: true }), key), false);
        return true;
      });
      equal(await repository.resolve("main", { signal }), first);
      equal((await repository.files(first, "", { signal })).files.length, 1);
      await mend();
      await repository.fetch({ signal });
    });
  }
  const second = await fixture.commit("main", { files: { "b.yaml": "b: 1\n" } });
  await repository.fetch({ signal });
  equal(await repository.resolve("main", { signal }), second);
  equal(hasTrace(server.log(), key), false);
});

/** Puts everything as it was. */
async function mending({ fixture, server }: SshPlace): Promise<() => Promise<void>> {
  const { keyFile, knownHostsFile } = server.ssh;
  const files = [keyFile, `${keyFile}.public`, knownHostsFile];
  const kept = await Promise.all(
    files.map(async (file) => [file, await Deno.readTextFile(file)] as const),
  );
  return async () => {
    for (const [file, text] of kept) {
      await Deno.writeTextFile(file, text);
      await Deno.chmod(file, 0o600);
    }
    await server.letIn(keyFile);
    await server.answer(SERVE);
    await server.start();
    await Deno.rename(`${fixture.path}.moved`, fixture.path).catch(() => {});
  };
}

Deno.test("Repository over SSH names a key that its user may not read", async () => {
  await using place = await makeSshPlace();
  const { server, open } = place;
  await Deno.chmod(server.ssh.keyFile, 0o000);
  const repository = open({ ssh: { ...server.ssh, command: await asNobody(server) } });
  const told = new RegExp(
    `Load key ".*": Permission denied"; the key file must be .*${KEY_ADVICE}`,
  );
  await rejects(repository.fetch({ signal }), told);
});

/** Root may read everything: so somebody else asks for it. */
async function asNobody(server: SshServer): Promise<string> {
  if (Deno.uid() !== 0) return "ssh";
  await Deno.chmod(server.path("."), 0o755);
  return "setpriv --reuid=65534 --regid=65534 --clear-groups ssh";
}

Deno.test("Repository over SSH gives up a server that says nothing, and leaves no process behind", async () => {
  await using place = await makeSshPlace();
  const { fixture, server, first, open } = place;
  using mute = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const connection = mute.accept();
  const [behindLogin, beforeIt] = [
    open({ idleMs: IDLE_MS }),
    open({ idleMs: IDLE_MS, address: `ssh://git@127.0.0.1:${(mute.addr as Deno.NetAddr).port}/x` }),
  ];
  await fetchInTime(behindLogin, signal);
  await server.answer(SAY_NOTHING);
  const late = new RegExp(`git was not done within ${2 * IDLE_MS / 1_000} s$`);
  await Promise.all([
    rejects(behindLogin.fetch({ signal }), late),
    rejects(beforeIt.fetch({ signal }), late),
  ]);
  (await connection).close();
  await gone(processesWith(server.ssh.knownHostsFile));
  await server.answer(SERVE);
  const second = await fixture.commit("main", { files: { "b.yaml": "b: 1\n" } });
  equal(await behindLogin.resolve("main", { signal }), first);
  await fetchInTime(behindLogin, signal);
  equal(await behindLogin.resolve("main", { signal }), second);
});

/** A listing may take twice as long. */
const IDLE_MS = 1_000;

Deno.test("An aborted fetch over SSH leaves no process behind", async () => {
  await using place = await makeSshPlace();
  const { server, open } = place;
  await server.answer(SAY_NOTHING);
  const stop = new AbortController();
  const fetching = open().fetch({ signal: stop.signal });
  fetching.catch(() => {}); // for those who wait for it
  await server.untilLogged(/Starting session: forced-command/);
  const running = processesWith(server.ssh.knownHostsFile);
  equal(running.length > 0, true);
  stop.abort(new RangeError("stopped"));
  await rejects(fetching, { message: "stopped" });
  await gone(running);
});

Deno.test("A fetch over SSH waits for all that it started: the first process of a container gets no orphans", async () => {
  await using place = await makeSshPlace();
  const repository = place.open();
  for (let round = 0; round < 3; round++) {
    await repository.fetch({ signal });
    deepEqual(processesWith(place.server.ssh.knownHostsFile), []);
  }
});

Deno.test("A repository is reached by user@host:path too, from where the user is", async () => {
  await using place = await makeSshPlace();
  const { fixture, server, first, open } = place;
  const ssh = { ...server.ssh, command: `ssh -p ${server.port}` };
  for (const path of ["definitions.git", fixture.path]) {
    const repository = open({ ssh, address: `${server.user}@127.0.0.1:${path}` });
    await repository.fetch({ signal });
    equal(await repository.resolve("main", { signal }), first);
  }
});

Deno.test("With a key file that key alone counts, without one those of the agent do", async () => {
  await using place = await makeSshPlace();
  const { server, open } = place;
  const socket = server.path("agent");
  const agent = new Deno.Command("ssh-agent", { args: ["-D", "-a", socket], stdout: "null" })
    .spawn();
  const before = Deno.env.get("SSH_AUTH_SOCK");
  Deno.env.set("SSH_AUTH_SOCK", socket);
  try {
    await addToAgent(server.ssh.keyFile);
    const { knownHostsFile } = server.ssh;
    await open({ ssh: { knownHostsFile, command: "ssh -F none" } }).fetch({ signal });
    const other = { ...server.ssh, keyFile: await server.makeKey("other") };
    await rejects(open({ ssh: other }).fetch({ signal }), /Permission denied \(publickey\)/);
  } finally {
    if (before === undefined) Deno.env.delete("SSH_AUTH_SOCK");
    else Deno.env.set("SSH_AUTH_SOCK", before);
    agent.kill();
    await agent.status;
  }
});

/** The agent needs a moment for its socket. */
async function addToAgent(keyFile: string): Promise<void> {
  await until("ssh-agent answers", async () => {
    const add = new Deno.Command("ssh-add", { args: [keyFile], stdout: "null", stderr: "null" });
    return (await add.output()).success;
  });
}

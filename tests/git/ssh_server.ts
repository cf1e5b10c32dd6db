// SPDX-License-Identifier: Apache-2.0

/**
 * A real OpenSSH server on loopback, as the user who runs the suites, for git alone: with a host
 * key, keys and a configuration of its own, and without PAM.
 *
 * Needs sshd, ssh-keygen and git-shell; for suites only.
 *
 * @module
 */

import { userInfo } from "node:os";
import {
  type CommandLineSettings,
  readGitLocation,
  type SshSettings,
} from "../../src/adapters/git/mod.ts";

type SshLocation = Pick<CommandLineSettings, "location" | "ssh">;

/** A server, and the keys that it and its clients have. */
export interface SshServer extends AsyncDisposable {
  readonly port: number;
  /** The user it lets in. */
  readonly user: string;
  /** The key that it lets in, and the one that its host is known by. */
  readonly ssh: Required<Pick<SshSettings, "keyFile" | "knownHostsFile">>;
  path(name: string): string;
  /** The address of a repository, as a URL. */
  address(repository: string): string;
  /** Makes a key and gives the path of its private half. */
  makeKey(name: string, passphrase?: string): Promise<string>;
  /** From now on it lets in the holders of these keys alone. */
  letIn(...keyFiles: readonly string[]): Promise<void>;
  /** From now on it does this with whoever it has let in: a line for a shell. Default: `SERVE`. */
  answer(line: string): Promise<void>;
  /** What it has logged. */
  log(): string;
  /** Waits until it has logged something since it was last started. */
  untilLogged(pattern: RegExp): Promise<void>;
  /** Ends it; its port, keys and settings stay. */
  stop(): Promise<void>;
  /** Starts it again at its port; while it runs, nothing. */
  start(): Promise<void>;
}

/** How it differs from what it is by default. */
export interface SshServerOptions {
  /** Where a path in the short form of an address begins. */
  readonly root?: string;
  /** Lines in front of its configuration, where the first mention of an option counts. */
  readonly config?: readonly string[];
}

/** What git does with who comes by ssh. */
export const SERVE = 'exec git-shell -c "$SSH_ORIGINAL_COMMAND"';
/** Says nothing, and heeds no end of what it is told, until the connection is gone. */
export const SAY_NOTHING = "while kill -0 $PPID 2>/dev/null; do sleep 0.2; done";

const HOST = "127.0.0.1";
/** Where Debian has it, which is not on everyone's path. */
const PROGRAMS = ["/usr/sbin/sshd", "/usr/local/sbin/sshd", "/sbin/sshd", "/usr/bin/sshd"];
/** Somebody else may take a port before the server does. */
const ATTEMPTS = 5;

/** Starts a server of every repository of the machine. */
export async function startSshServer(
  { root = "/", config = [] }: SshServerOptions = {},
): Promise<SshServer> {
  const program = await findServer();
  const directory = await Deno.makeTempDir({ prefix: "koreo-ssh-" });
  const path = (name: string) => `${directory}/${name}`;
  const makeKey = async (name: string, passphrase = ""): Promise<string> => {
    await Deno.remove(path(name)).catch(() => {});
    await run("ssh-keygen", "-q", "-t", "ed25519", "-N", passphrase, "-C", name, "-f", path(name));
    await Deno.rename(`${path(name)}.pub`, publicHalf(path(name)));
    return path(name);
  };
  const letIn = async (...keyFiles: readonly string[]): Promise<void> => {
    const keys = await Promise.all(keyFiles.map((file) => Deno.readTextFile(publicHalf(file))));
    await Deno.writeTextFile(path("authorized_keys"), keys.join(""));
  };
  const answer = async (line: string): Promise<void> => {
    await Deno.writeTextFile(path("answer.new"), `#!/bin/sh\ncd '${root}' && ${line}\n`);
    await Deno.chmod(path("answer.new"), 0o755);
    await Deno.rename(path("answer.new"), path("answer")); // never half of it
  };
  const [hostKey, keyFile] = [await makeKey("host_key"), await makeKey("key")];
  await letIn(keyFile);
  await answer(SERVE);
  const settings = [...config, ...configuration(path), ...await penalties(program, hostKey)];
  let [daemon, earlier] = [await startAnywhere(program, path("sshd_config"), settings), ""];
  const { port } = daemon;
  const ssh = { keyFile, knownHostsFile: path("known_hosts") };
  await Deno.writeTextFile(ssh.knownHostsFile, await knownHost(port, hostKey));
  const user = userInfo().username;
  return {
    port,
    user,
    ssh,
    path,
    address: (repository) => `ssh://${user}@${HOST}:${port}${repository}`,
    makeKey,
    letIn,
    answer,
    log: () => earlier + daemon.log(),
    async untilLogged(pattern) {
      if (!await daemon.untilLogged(pattern)) throw new RangeError(`Never logged: ${pattern}`);
    },
    stop: () => daemon.end(),
    async start() {
      if (!daemon.hasEnded()) return;
      earlier += daemon.log();
      daemon = await startDaemon(program, path("sshd_config"), port);
    },
    async [Symbol.asyncDispose]() {
      await daemon.end();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** A line of a file of known hosts: this server has that key. */
export async function knownHost(port: number, keyFile: string): Promise<string> {
  return `[${HOST}]:${port} ${await Deno.readTextFile(publicHalf(keyFile))}`;
}

/** Not where ssh looks for it: beside the key in a Secret there is none. */
function publicHalf(keyFile: string): string {
  return `${keyFile}.public`;
}

/** The location and the settings by which the git command reaches a repository of the server. */
export function sshPlace(server: SshServer, repository: string): Required<SshLocation> {
  return { location: readGitLocation(server.address(repository)), ssh: server.ssh };
}

async function findServer(): Promise<string> {
  for (const program of PROGRAMS) {
    if (await Deno.stat(program).then(() => true, () => false)) return program;
  }
  throw new TypeError(
    'Cannot run the suites over ssh: "sshd" was not found (Debian: openssh-server)',
  );
}

function configuration(path: (name: string) => string): readonly string[] {
  return [
    `ListenAddress ${HOST}`,
    `HostKey ${path("host_key")}`,
    `AuthorizedKeysFile ${path("authorized_keys")}`,
    `ForceCommand ${path("answer")}`,
    "PidFile none",
    "UsePAM no",
    "PasswordAuthentication no",
    "KbdInteractiveAuthentication no",
    "PermitRootLogin yes", // who runs the suites may be root, and no other user is there to log in
    "StrictModes no", // temporary directories lie in one that everyone can write to
    "DisableForwarding yes",
    "PermitTTY no",
    "MaxStartups 100",
    "LogLevel VERBOSE",
    "KexAlgorithms curve25519-sha256", // half the time of the default, which is two of them
    // What the user has set up does not count: SHLVL keeps bash from reading its .bashrc.
    "SetEnv GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_NOSYSTEM=1 SHLVL=2",
  ];
}

/** From 9.8 on it shuts out who was refused before: here they are all the same address. */
async function penalties(program: string, hostKey: string): Promise<readonly string[]> {
  const line = "PerSourcePenalties no";
  const test = ["-t", "-f", "/dev/null", "-h", hostKey, "-o", line];
  await makePrivilegeSeparationDirectory();
  const { success } = await new Deno.Command(program, { args: test, stderr: "null" }).output();
  return success ? [line] : [];
}

/** Root needs it for sshd; where no service of the system runs, nobody has made it. */
async function makePrivilegeSeparationDirectory(): Promise<void> {
  if (Deno.uid() === 0) await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });
}

interface Daemon {
  readonly port: number;
  log(): string;
  /** Whether it was said before the end. */
  untilLogged(pattern: RegExp): Promise<boolean>;
  hasEnded(): boolean;
  end(): Promise<void>;
}

async function startAnywhere(
  program: string,
  file: string,
  settings: readonly string[],
): Promise<Daemon> {
  for (let attempt = 1;; attempt++) {
    const port = freePort();
    await Deno.writeTextFile(file, [...settings, ""].join("\n"));
    try {
      return await startDaemon(program, file, port);
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
    }
  }
}

async function startDaemon(program: string, file: string, port: number): Promise<Daemon> {
  const child = new Deno.Command(program, {
    args: ["-D", "-e", "-f", file, "-p", String(port)],
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const log = follow(child.stderr);
  if (!await log.until(/Server listening on/)) {
    await child.status;
    throw new TypeError(`Cannot start "${program}": ${log.text()}`);
  }
  let ended: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    child.kill("SIGTERM");
    await child.status;
    await log.close();
  };
  const { text, until } = log;
  return {
    port,
    log: text,
    untilLogged: until,
    hasEnded: () => ended !== undefined,
    end: () => ended ??= end(),
  };
}

interface FollowedLog {
  text(): string;
  /** Whether it was said before the end. */
  until(pattern: RegExp): Promise<boolean>;
  close(): Promise<void>;
}

function follow(stream: ReadableStream<Uint8Array>): FollowedLog {
  let text = "";
  let wake = Promise.withResolvers<void>();
  let isOver = false;
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  const read = async (): Promise<void> => {
    while (!isOver) {
      const { done, value = "" } = await reader.read();
      text += value;
      isOver = done;
      wake.resolve();
      wake = Promise.withResolvers<void>();
    }
  };
  const reading = read();
  return {
    text: () => text,
    async until(pattern) {
      while (!pattern.test(text) && !isOver) await wake.promise;
      return pattern.test(text);
    },
    async close() {
      // A session that has not ended yet would hold the pipe open.
      await reader.cancel();
      await reading;
    },
  };
}

function freePort(): number {
  using listener = Deno.listen({ hostname: HOST, port: 0 });
  return (listener.addr as Deno.NetAddr).port;
}

async function run(command: string, ...args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command(command, { args: [...args] }).output();
  if (!success) throw new TypeError(`${command}: ${new TextDecoder().decode(stderr).trim()}`);
}

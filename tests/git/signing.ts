// SPDX-License-Identifier: Apache-2.0

import type { CommitChange } from "../contract/repository_contract.ts";
import type { ServedFixture } from "./served_fixture.ts";

/** What signs: a private key in a file, or a key in a PGP keyring. */
export type Signer =
  | { readonly type: "ssh"; readonly keyFile: string }
  | { readonly type: "pgp"; readonly home: string; readonly id: string };

/** A directory with keys, made by the tools that people use. */
export interface SigningPlace extends AsyncDisposable {
  readonly directory: string;
  path(name: string): string;
  write(name: string, text: string): Promise<string>;
  /** Makes an SSH key. */
  sshKey(name: string, ...options: readonly string[]): Promise<SshKeyPair>;
  /** Makes a PGP key. */
  pgpKey(name: string, options?: PgpKeyOptions): Promise<PgpKeyPair>;
  /** Runs a program in the directory. */
  run(command: string, ...args: readonly string[]): Promise<string>;
}

/** When a key is made, as `--faked-system-time` takes it, and how long it is valid. */
export interface PgpKeyOptions {
  readonly since?: string;
  readonly expires?: string;
}

/** An SSH key, as its two files hold it. */
export interface SshKeyPair {
  readonly signer: Extract<Signer, { readonly type: "ssh" }>;
  /** Type and key, as a line of `allowed_signers` ends. */
  readonly publicKey: string;
  readonly fingerprint: string;
}

/** A PGP key in a keyring of its own. */
export interface PgpKeyPair {
  readonly signer: Extract<Signer, { readonly type: "pgp" }>;
  readonly fingerprint: string;
  /** Its public half as it is now, armored. */
  publicKey(): Promise<string>;
}

const NOBODY = { GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" };

/** Makes an empty place. */
export async function makeSigningPlace(): Promise<SigningPlace> {
  const directory = await Deno.makeTempDir({ prefix: "ks-" });
  const path = (name: string) => `${directory}/${name}`;
  const run = (command: string, ...args: readonly string[]) =>
    runProgram(command, args, { cwd: directory });
  return {
    directory,
    path,
    run,
    async write(name, text) {
      await Deno.writeTextFile(path(name), text);
      return path(name);
    },
    async sshKey(name, ...options) {
      const type = options.length === 0 ? ["-t", "ed25519"] : options;
      await run("ssh-keygen", "-q", ...type, "-N", "", "-C", name, "-f", name);
      const publicKey = (await Deno.readTextFile(path(`${name}.pub`))).split(" ", 2).join(" ");
      const [, fingerprint = ""] = (await run("ssh-keygen", "-lf", `${name}.pub`)).split(" ");
      return { signer: { type: "ssh", keyFile: path(name) }, publicKey, fingerprint };
    },
    async pgpKey(name, { since, expires = "never" } = {}) {
      const home = path(name);
      await Deno.mkdir(home, { mode: 0o700 });
      if (since !== undefined) {
        await Deno.writeTextFile(`${home}/gpg.conf`, `faked-system-time ${since}\n`);
      }
      const gpg = (...args: readonly string[]) => runGpg(home, ...args);
      await gpg(
        "--passphrase",
        "",
        "--quick-gen-key",
        `${name} <${name}@x>`,
        "ed25519",
        "sign",
        expires,
      );
      const listed = await gpg("--list-keys", "--with-colons");
      const fingerprint = /^fpr:+([0-9A-F]{40}):/m.exec(listed)?.[1] ?? "";
      return {
        signer: { type: "pgp", home, id: fingerprint },
        fingerprint,
        publicKey: () => gpg("--armor", "--export", fingerprint),
      };
    },
    async [Symbol.asyncDispose]() {
      for (const { name, isDirectory } of Deno.readDirSync(directory)) {
        if (!isDirectory) continue;
        await runProgram("gpgconf", ["--homedir", path(name), "--kill", "all"], {}).catch(() => {});
      }
      await Deno.remove(directory, { recursive: true });
    },
  };
}

/** Runs gpg on a keyring of its own. */
export function runGpg(home: string, ...args: readonly string[]): Promise<string> {
  const batch = ["--homedir", home, "--batch", "--no-tty", "--yes", "--pinentry-mode", "loopback"];
  return runProgram("gpg", [...batch, ...args], {});
}

async function runProgram(
  command: string,
  args: readonly string[],
  { cwd, env = {} }: { readonly cwd?: string; readonly env?: Readonly<Record<string, string>> },
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    env: { ...NOBODY, ...env },
    ...(cwd === undefined ? {} : { cwd }),
  }).output();
  if (success) return new TextDecoder().decode(stdout).trimEnd();
  throw new TypeError(`${command} ${args.join(" ")}: ${new TextDecoder().decode(stderr).trim()}`);
}

/** A commit, signed by git itself. */
export async function signedCommitOn(
  fixture: ServedFixture,
  branch: string,
  change: CommitChange & { readonly signer: Signer; readonly config?: readonly string[] },
): Promise<string> {
  const plain = await fixture.commit(branch, change);
  const tree = await fixture.git("rev-parse", `${plain}^{tree}`);
  const parents = (await fixture.git("log", "-1", "--format=%P", plain)).split(" ").filter(Boolean);
  const { signer, config = [], message = "Change something", at = 1_600_000_000 } = change;
  const signed = await runProgram("git", [
    ...["-C", fixture.path],
    ...[...signerConfig(signer), ...config].flatMap((entry) => ["-c", entry]),
    ...["commit-tree", "-S", "-m", message, ...parents.flatMap((id) => ["-p", id]), tree],
  ], { env: { ...identity(at), ...signerEnvironment(signer) } });
  await fixture.setBranch(branch, signed);
  return signed;
}

/** An annotated tag, signed by git itself. */
export async function signedTagOn(
  fixture: ServedFixture,
  name: string,
  { commit, signer }: { readonly commit: string; readonly signer: Signer },
): Promise<void> {
  await runProgram("git", [
    ...["-C", fixture.path, ...signerConfig(signer).flatMap((entry) => ["-c", entry])],
    ...["tag", "-f", "-s", "-m", `Release ${name}`, name, commit],
  ], { env: { ...identity(1_600_000_000), ...signerEnvironment(signer) } });
}

function signerConfig(signer: Signer): readonly string[] {
  return signer.type === "ssh"
    ? ["gpg.format=ssh", `user.signingkey=${signer.keyFile}`]
    : ["gpg.format=openpgp", `user.signingkey=${signer.id}`];
}

function signerEnvironment(signer: Signer): Readonly<Record<string, string>> {
  return signer.type === "ssh" ? {} : { GNUPGHOME: signer.home };
}

function identity(at: number): Readonly<Record<string, string>> {
  return {
    GIT_AUTHOR_NAME: "Tess Ter",
    GIT_AUTHOR_EMAIL: "tess@example.com",
    GIT_AUTHOR_DATE: `${at} +0000`,
    GIT_COMMITTER_NAME: "Tess Ter",
    GIT_COMMITTER_EMAIL: "tess@example.com",
    GIT_COMMITTER_DATE: `${at} +0000`,
  };
}

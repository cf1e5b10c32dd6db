// SPDX-License-Identifier: Apache-2.0

import type { Option, OptionValues } from "commander";
import {
  type CredentialPlaces,
  readGitLocation,
  type SecretPlace,
  type SourceSettings,
  type SshSettings,
} from "../adapters/git/mod.ts";
import { setting } from "./command.ts";
import { UsageError } from "./command_io.ts";

const HEADING = "Git options:";

/** How Git sources are read, and what is shown to their servers. */
export function gitOptions(): readonly Option[] {
  return [
    setting("--git-backend <name>", "what reads repositories (default: git for ssh alone)")
      .choices(["isomorphic", "git"]),
    setting("--git-cache <dir>", "with git: where mirrors are kept (default: a temporary one)"),
    setting("--git-token-file <file>", "token for the Git server, read at every fetch"),
    setting("--git-token-scheme <scheme>", "how the token is sent")
      .choices(["basic", "bearer"]).default("basic"),
    setting("--git-username-file <file>", "user name for the Git server"),
    setting("--git-password-file <file>", "password for the Git server"),
    setting("--git-ca-file <file>", "certificates that sign the Git server's, in PEM"),
    setting("--git-ssh-key-file <file>", "private key for ssh"),
    setting("--git-known-hosts-file <file>", "keys of the hosts that ssh may talk to"),
    setting("--git-ssh-command <command>", "what runs in place of ssh"),
  ].map((option) => option.helpGroup(HEADING));
}

/** Whose commits may be put in force. */
export function signerOptions(): readonly Option[] {
  return [
    setting("--git-ssh-signers-file <file>", "SSH keys of those who may sign commits"),
    setting("--git-pgp-signers-file <file>", "PGP keys of those who may sign commits"),
  ].map((option) => option.helpGroup(HEADING));
}

/** The environment variables whose values are secrets: there is no option, as others see those. */
type ReadVariable = (name: string) => string | undefined;

/**
 * Reads the options of {@linkcode gitOptions} and {@linkcode signerOptions}.
 *
 * @param options Those of the command line
 * @param variable Reads a variable of the environment
 * @throws {UsageError} If credentials are incomplete, or given twice
 */
export function gitSettings(
  options: OptionValues,
  variable: ReadVariable = (name) => Deno.env.get(name),
): SourceSettings {
  const places = credentialPlaces(options, variable);
  return {
    ...(places.type === "none" ? {} : { credentials: places }),
    ...verifySettings(options),
    ...present("backend", options["gitBackend"]),
    ...present("cacheDirectory", options["gitCache"]),
    ...present("caFile", options["gitCaFile"]),
    ssh: sshSettings(options),
  };
}

function present<K extends string, T>(key: K, value: T | undefined): { readonly [P in K]?: T } {
  return value === undefined ? {} : { [key]: value } as { readonly [P in K]: T };
}

function verifySettings(options: OptionValues): Pick<SourceSettings, "verify"> {
  const verify = {
    ...present("allowedSignersFile", options["gitSshSignersFile"]),
    ...present("pgpKeysFile", options["gitPgpSignersFile"]),
  };
  return Object.keys(verify).length === 0 ? {} : { verify };
}

function sshSettings(options: OptionValues): SshSettings {
  return {
    ...present("keyFile", options["gitSshKeyFile"]),
    ...present("knownHostsFile", options["gitKnownHostsFile"]),
    ...present("command", options["gitSshCommand"]),
  };
}

function credentialPlaces(options: OptionValues, variable: ReadVariable): CredentialPlaces {
  const place = (name: string, file: unknown): SecretPlace | undefined => {
    const setting = `--git-${name}-file`;
    if (typeof file === "string") return { type: "file", path: file, setting };
    const own = `KOREO_GIT_${name.toUpperCase()}`;
    const value = variable(own);
    return value === undefined || value === "" ? undefined : { type: "value", value, setting: own };
  };
  const token = place("token", options["gitTokenFile"]);
  const username = place("username", options["gitUsernameFile"]);
  const password = place("password", options["gitPasswordFile"]);
  if (token !== undefined && (username ?? password) !== undefined) {
    throw new UsageError(
      "Cannot use a token together with a user name and password for the Git server: give one",
    );
  }
  if (token !== undefined) return { type: "token", token, scheme: options["gitTokenScheme"] };
  if (username !== undefined && password !== undefined) {
    return { type: "basic", username, password };
  }
  if (username === undefined && password === undefined) return { type: "none" };
  throw new UsageError(
    username === undefined
      ? "Cannot use a password without a user name: give --git-username-file"
      : "Cannot use a user name without a password: give --git-password-file",
  );
}

/**
 * Checks that a source can be opened.
 *
 * @returns The place as it was given
 * @throws {UsageError} If it is no place of a repository, or one that the backend cannot open
 */
export function sourceLocation(repo: string, { backend }: SourceSettings): string {
  try {
    if (readGitLocation(repo).type === "ssh" && backend === "isomorphic") {
      throw new TypeError("Cannot open an ssh repository without the git command");
    }
    return repo;
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message);
  }
}

// SPDX-License-Identifier: Apache-2.0

import { dirname, resolve } from "node:path";
import type {
  CredentialPlaces,
  SecretPlace,
  SshSettings,
  VerifySettings,
} from "../adapters/git/mod.ts";
import { UsageError } from "./command_io.ts";
import type { ConfiguredGit } from "./configuration.ts";
import type { Part, PartReader } from "./configuration_reader.ts";

/** The keys of a source that this file reads. */
export const GIT_KEYS = ["credentials", "caFile", "ssh", "verify"] as const;

type Members = ReadonlyMap<string, Part>;

/** Reads a part, which is of the source that it is given for. */
interface GitReader {
  readonly reader: PartReader;
  /** The path of a file; relative ones begin where the configuration lies. */
  file(part: Part | undefined): string | undefined;
}

/**
 * Reads how a source is reached and whose commits it takes: files alone, never a secret itself.
 *
 * @param members The parts of the source by key
 * @param reader Collects faults
 * @param path Where the configuration lies
 */
export function decodeSourceGit(members: Members, reader: PartReader, path: string): ConfiguredGit {
  const read: GitReader = {
    reader,
    file: (part) => part && reader.parsed(part, (text) => resolve(dirname(path), text)),
  };
  const caFile = read.file(members.get("caFile"));
  const credentials = decodePart(
    members.get("credentials"),
    (part) => decodeCredentials(part, read),
  );
  const ssh = decodePart(members.get("ssh"), (part) => decodeSsh(part, read));
  const verify = decodePart(members.get("verify"), (part) => decodeVerify(part, read));
  return {
    ...(caFile === undefined ? {} : { caFile }),
    ...(credentials === undefined ? {} : { credentials }),
    ...(ssh === undefined ? {} : { ssh }),
    ...(verify === undefined ? {} : { verify }),
  };
}

function decodePart<T>(part: Part | undefined, decode: (part: Part) => T): T | undefined {
  return part === undefined ? undefined : decode(part);
}

/** The ways to give credentials, by the keys that each takes. */
const FORMS: Readonly<Record<string, (read: ReadMembers) => CredentialPlaces | undefined>> = {
  "tokenFile": ({ secret }) => tokenIn(secret("tokenFile"), "basic"),
  "tokenFile,tokenScheme": ({ secret, text }) =>
    tokenIn(secret("tokenFile"), text("tokenScheme", tokenScheme)),
  "passwordFile,usernameFile": ({ secret }) => {
    const [username, password] = [secret("usernameFile"), secret("passwordFile")];
    return username && password && { type: "basic", username, password };
  },
  "secretDirectory": ({ secret }) => {
    const found = secret("secretDirectory");
    return found && { ...found, type: "directory" };
  },
};
const CREDENTIAL_KEYS = [...new Set(Object.keys(FORMS).flatMap((keys) => keys.split(",")))];

/** The parts of the credentials. */
interface ReadMembers {
  secret(key: string): FileSecret | undefined;
  text<T>(key: string, read: (text: string) => T): T | undefined;
}

type FileSecret = Extract<SecretPlace, { readonly type: "file" }>;

function decodeCredentials(part: Part, { reader, file }: GitReader): CredentialPlaces | undefined {
  const members = reader.map(part, CREDENTIAL_KEYS);
  const form = FORMS[[...members.keys()].sort().join()];
  if (form === undefined) {
    reader.fault(
      part,
      `Cannot use "${part.name}": expected "tokenFile", or "usernameFile" with "passwordFile", ` +
        'or "secretDirectory"',
    );
    return undefined;
  }
  return form({
    secret(key) {
      const member = members.get(key);
      const path = file(member);
      return member && path && { type: "file", path, setting: member.name } || undefined;
    },
    text(key, read) {
      const member = members.get(key);
      return member && reader.parsed(member, read);
    },
  });
}

type TokenScheme = Extract<CredentialPlaces, { readonly type: "token" }>["scheme"];

function tokenIn(
  token: SecretPlace | undefined,
  scheme: TokenScheme | undefined,
): CredentialPlaces | undefined {
  return token && scheme && { type: "token", token, scheme };
}

function tokenScheme(text: string): TokenScheme {
  if (text === "basic" || text === "bearer") return text;
  throw new UsageError(`Cannot use "${text}" for how a token is sent: expected basic or bearer`);
}

function decodeSsh(part: Part, { reader, file }: GitReader): SshSettings {
  const members = reader.map(part, ["keyFile", "knownHostsFile"]);
  const [keyFile, knownHostsFile] = ["keyFile", "knownHostsFile"].map((key) =>
    file(members.get(key))
  );
  return {
    ...(keyFile === undefined ? {} : { keyFile }),
    ...(knownHostsFile === undefined ? {} : { knownHostsFile }),
  };
}

function decodeVerify(part: Part, { reader, file }: GitReader): VerifySettings | undefined {
  const members = reader.map(part, ["allowedSigners", "pgpKeys"]);
  const [allowedSignersFile, pgpKeysFile] = ["allowedSigners", "pgpKeys"].map((key) =>
    file(members.get(key))
  );
  if (members.size === 0) {
    // Taken for "no signature is needed", it would let everything pass.
    reader.fault(part, `Cannot use "${part.name}": "allowedSigners" or "pgpKeys" is required`);
    return undefined;
  }
  return {
    ...(allowedSignersFile === undefined ? {} : { allowedSignersFile }),
    ...(pgpKeysFile === undefined ? {} : { pgpKeysFile }),
  };
}

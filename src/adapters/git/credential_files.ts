// SPDX-License-Identifier: Apache-2.0

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readSecretFile, SecretFileError } from "../secret_file.ts";
import type { Credentials } from "./credentials.ts";
import { unreachable } from "../../language/mod.ts";

/** Where credentials come from: files, which may be replaced at any time, or values. */
export type CredentialPlaces =
  | { readonly type: "none" }
  | {
    readonly type: "token";
    readonly token: SecretPlace;
    readonly scheme: "basic" | "bearer";
  }
  | { readonly type: "basic"; readonly username: SecretPlace; readonly password: SecretPlace }
  /** A mounted Secret: with the key `token`, or with `username` and `password`. */
  | { readonly type: "directory"; readonly path: string; readonly setting: string };

/** One secret: what it says, or the file that says it. */
export type SecretPlace =
  | { readonly type: "value"; readonly value: string; readonly setting: string }
  | { readonly type: "file"; readonly path: string; readonly setting: string };

/** What an error tells the operator to look at. */
export const CREDENTIAL_SETTINGS =
  "set --git-token-file, or --git-username-file with --git-password-file, or the credentials of " +
  "the source in the configuration file";

/** What an error says of a proxy that wants a login. */
export const PROXY_ADVICE =
  "a proxy wants a login: put one into its address (http_proxy, https_proxy)";

/** What is the matter with a server that refuses, and what to set. */
export function credentialAdvice({ wereShown }: { readonly wereShown: boolean }): string {
  const matter = wereShown
    ? "it does not take the credentials it was given"
    : "it wants credentials";
  return `${matter}; ${CREDENTIAL_SETTINGS}`;
}

/**
 * Reads credentials from where they are.
 *
 * @returns What they are now; call it for every fetch, so that they can rotate
 * @throws {SecretFileError} If a file cannot be read, or what it holds cannot be sent
 */
export async function readCredentials(places: CredentialPlaces): Promise<Credentials | undefined> {
  switch (places.type) {
    case "none":
      return undefined;
    case "token":
      return { type: "token", token: await readToken(places), scheme: places.scheme };
    case "basic":
      return {
        type: "basic",
        username: await readUsername(places.username),
        password: await read(places.password),
      };
    case "directory":
      return await readCredentials(await placesIn(places));
    default:
      return unreachable(places);
  }
}

/** What a Secret holds is looked at anew every time: it may be of another form after a rotation. */
async function placesIn(
  { path, setting }: Extract<CredentialPlaces, { readonly type: "directory" }>,
): Promise<CredentialPlaces> {
  const place = (key: string): SecretPlace => ({
    type: "file",
    path: join(path, key),
    setting: `${setting}, key "${key}"`,
  });
  const hasToken = await stat(join(path, "token")).then(() => true, () => false);
  return hasToken
    ? { type: "token", token: place("token"), scheme: "basic" }
    : { type: "basic", username: place("username"), password: place("password") };
}

async function readToken(
  { token, scheme }: Extract<CredentialPlaces, { readonly type: "token" }>,
): Promise<string> {
  const value = await read(token);
  if (scheme === "basic" || /^[!-~]+$/.test(value)) return value;
  throw unusable(token, "a bearer token has ASCII characters alone, and no spaces");
}

/** In what is sent the first colon ends the user name. */
async function readUsername(place: SecretPlace): Promise<string> {
  const value = await read(place);
  if (value.includes(":")) throw unusable(place, "a user name has no colon");
  return value;
}

async function read(place: SecretPlace): Promise<string> {
  const value = place.type === "value"
    ? place.value
    : await readSecretFile(place.path, `a credential (${place.setting})`);
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  if (!/[\u0000-\u001f\u007f]/.test(value)) return value;
  throw unusable(place, "it has more than one line, or control characters");
}

function unusable({ setting }: SecretPlace, why: string): SecretFileError {
  return new SecretFileError(`Cannot use the credential of ${setting}: ${why}`);
}

// SPDX-License-Identifier: Apache-2.0

/** What a server asks for. Never logged, never part of an error. */
export type Credentials =
  /** Sent as the password of a basic login unless `scheme` says otherwise. */
  | { readonly type: "token"; readonly token: string; readonly scheme?: "basic" | "bearer" }
  | { readonly type: "basic"; readonly username: string; readonly password: string };

/**
 * Takes the credentials out of a URL.
 *
 * @returns The URL as it may be shown and sent, without query and fragment, and what was in it
 * @throws {TypeError} If it is no http or https URL; the message does not hold the URL
 */
export function splitCredentials(
  text: string,
): { readonly url: string; readonly credentials?: Credentials } {
  const parsed = URL.parse(text);
  if (parsed === null || !/^https?:$/.test(parsed.protocol)) {
    throw new TypeError("Cannot use the address of the repository: expected an http or https URL");
  }
  const url = `${parsed.origin}${parsed.pathname.replace(/\/+$/, "")}`;
  if (parsed.username === "" && parsed.password === "") return { url };
  const username = decoded(parsed.username);
  const password = decoded(parsed.password);
  if (password === "") return { url, credentials: { type: "token", token: username } };
  return { url, credentials: { type: "basic", username, password } };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text; // a lone "%" is meant as it stands
  }
}

/** Value of the Authorization header; `undefined` without credentials. */
export function credentialHeader(credentials: Credentials | undefined): string | undefined {
  if (credentials === undefined) return undefined;
  if (credentials.type === "token" && credentials.scheme === "bearer") {
    return `Bearer ${credentials.token}`;
  }
  // Git servers take a token as the password of a basic login; the name does not matter to them.
  const { username, password } = credentials.type === "token"
    ? { username: "x-access-token", password: credentials.token }
    : credentials;
  const bytes = new TextEncoder().encode(`${username}:${password}`);
  return `Basic ${btoa(String.fromCharCode(...bytes))}`;
}

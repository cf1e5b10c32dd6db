// SPDX-License-Identifier: Apache-2.0

import { readSecretFile, SecretFileError } from "../secret_file.ts";

/** Connections that trust certain certificates besides the usual ones. */
export interface TrustedClient {
  /** The client to use now; `undefined` for Deno's own. */
  client(): Promise<Deno.HttpClient | undefined>;
  /** Closes the connections. */
  close(): void;
}

/** What the bundle holds, for messages. */
const CA_SETTING = "the certificates (--git-ca-file, or caFile of the source)";

/** Makes a client for the bundle in a file, and a new one whenever the bundle changes. */
export function createTrustedClient(caFile: string | undefined): TrustedClient {
  let made: { readonly bundle: string; readonly client: Deno.HttpClient } | undefined;
  return {
    async client() {
      if (caFile === undefined) return undefined;
      const bundle = await readSecretFile(caFile, CA_SETTING);
      if (made?.bundle === bundle) return made.client;
      made?.client.close();
      made = undefined;
      made = { bundle, client: clientOf(bundle, caFile) };
      return made.client;
    },
    close() {
      made?.client.close();
      made = undefined;
    },
  };
}

function clientOf(bundle: string, path: string): Deno.HttpClient {
  try {
    if (bundle.includes("BEGIN CERTIFICATE")) return Deno.createHttpClient({ caCerts: [bundle] });
  } catch {
    // told below: what the library says may repeat what the file holds
  }
  throw new SecretFileError(
    `Cannot use ${CA_SETTING} in "${path}": there is no certificate in PEM form`,
  );
}

// SPDX-License-Identifier: Apache-2.0

import { readSecretFile } from "../secret_file.ts";

/**
 * The secrets in a file, one a line, read anew for every delivery: a second line lets the old and
 * the new one be good while the servers are told.
 *
 * @throws {SecretFileError} If the file cannot be read or holds none
 */
export async function readWebhookSecrets(path: string): Promise<readonly string[]> {
  const text = await readSecretFile(path, "the secret of the webhook (--webhook-secret-file)");
  return text.split(/\r?\n/).filter((line) => line.trim() !== "").slice(0, MAX_SECRETS);
}

const MAX_SECRETS = 4;

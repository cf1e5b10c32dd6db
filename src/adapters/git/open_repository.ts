// SPDX-License-Identifier: Apache-2.0

import type { Repository } from "../../runtime/ports.ts";
import { createLocalRepository, type LocalSettings } from "./local_repository.ts";
import { createRemoteRepository, type RemoteSettings } from "./remote_repository.ts";

/** What may be said about a source besides its place. */
export type SourceSettings = Omit<RemoteSettings, "url"> & Omit<LocalSettings, "path">;

/**
 * Opens a source: an http or https URL, or the path of a local repository.
 *
 * Nothing is read before the first `fetch`.
 *
 * @param location The URL or path
 * @throws {TypeError} If it is a URL of another scheme
 */
export function openRepository(location: string, settings: SourceSettings = {}): Repository {
  if (/^https?:\/\//i.test(location)) return createRemoteRepository({ ...settings, url: location });
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(location)?.[1];
  if (scheme !== undefined && scheme.toLowerCase() !== "file") {
    throw new TypeError(
      `Cannot open a "${scheme}" repository: expected an http or https URL, or a local path`,
    );
  }
  const path = scheme === undefined ? location : decodeURIComponent(new URL(location).pathname);
  return createLocalRepository({ path, ...settings });
}

// SPDX-License-Identifier: Apache-2.0

import type { Repository } from "../../runtime/ports.ts";
import { createCommandLineRepository } from "./command_line_repository.ts";
import type { CommandLineSettings } from "./command_line_settings.ts";
import { type CredentialPlaces, readCredentials } from "./credential_files.ts";
import { readGitLocation } from "./git_location.ts";
import { createLocalRepository, type LocalSettings } from "./local_repository.ts";
import { createRemoteRepository, type RemoteSettings } from "./remote_repository.ts";
import { unreachable } from "../../language/mod.ts";

/** What may be said about a source besides its place: plain data, which a Worker can be sent. */
export type SourceSettings =
  & Omit<RemoteSettings, "url" | "credentials">
  & Omit<LocalSettings, "path">
  & Omit<CommandLineSettings, "location" | "credentials">
  & {
    /** Where credentials are; read at every fetch, so that they can rotate. */
    readonly credentials?: CredentialPlaces;
    /** What reads it. Default: the git command for ssh, and nothing but this program otherwise. */
    readonly backend?: "isomorphic" | "git";
  };

/**
 * Opens a source: an http or https URL, `ssh://user@host/path`, `user@host:path`, or the path of a
 * local repository.
 *
 * Nothing is read before the first `fetch`.
 *
 * @param location The URL or path
 * @throws {TypeError} If it is none of these, or ssh without the git command
 */
export function openRepository(location: string, settings: SourceSettings = {}): Repository {
  const place = readGitLocation(location);
  const { credentials: places, backend, ...others } = settings;
  const shown = {
    ...others,
    ...(places === undefined ? {} : { credentials: () => readCredentials(places) }),
  };
  if (backend === "git" || (place.type === "ssh" && backend === undefined)) {
    return createCommandLineRepository({ ...shown, location: place });
  }
  switch (place.type) {
    case "http":
      return createRemoteRepository({ ...shown, url: location });
    case "local":
      return createLocalRepository({ path: place.path, ...others });
    case "ssh":
      throw new TypeError("Cannot open an ssh repository without the git command");
    default:
      return unreachable(place);
  }
}

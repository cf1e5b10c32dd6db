// SPDX-License-Identifier: Apache-2.0

import type { Repository } from "../../runtime/ports.ts";
import {
  type CommandLineSettings,
  createCommandLineRepository,
} from "./command_line_repository.ts";
import { readGitLocation } from "./git_location.ts";
import { createLocalRepository, type LocalSettings } from "./local_repository.ts";
import { createRemoteRepository, type RemoteSettings } from "./remote_repository.ts";
import { unreachable } from "../../language/mod.ts";

/** What may be said about a source besides its place. */
export type SourceSettings =
  & Omit<RemoteSettings, "url">
  & Omit<LocalSettings, "path">
  & Omit<CommandLineSettings, "location">
  & {
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
  if (settings.backend === "git" || (place.type === "ssh" && settings.backend === undefined)) {
    return createCommandLineRepository({ ...settings, location: place });
  }
  switch (place.type) {
    case "http":
      return createRemoteRepository({ ...settings, url: location });
    case "local":
      return createLocalRepository({ path: place.path, ...settings });
    case "ssh":
      throw new TypeError("Cannot open an ssh repository without the git command");
    default:
      return unreachable(place);
  }
}

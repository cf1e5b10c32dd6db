// SPDX-License-Identifier: Apache-2.0

import { readGitLocation, type SourceSettings } from "../adapters/git/mod.ts";
import type { ConfiguredSource } from "./configuration.ts";

/**
 * How each source is read. What the configuration says of a source counts; for the rest options do.
 *
 * Credentials given by option are those of the first source: only sources of the same scheme, host
 * and port may see them.
 *
 * @param sources Those of the configuration
 * @param git What the options say
 */
export function sourceSettings(
  sources: readonly Pick<ConfiguredSource, "url" | "git">[],
  git: SourceSettings = {},
): readonly SourceSettings[] {
  const first = originOf(sources[0]?.url);
  const { credentials: _secret, ...others } = git;
  return sources.map(({ url, git: own = {} }) => ({
    ...(originOf(url) === first ? git : others),
    ...own,
    ...(own.ssh === undefined ? {} : { ssh: { ...git.ssh, ...own.ssh } }),
  }));
}

/** Scheme, host and port of a source behind http or https; others are sent no credentials. */
function originOf(url: string | undefined): string | undefined {
  if (url === undefined || readGitLocation(url).type !== "http") return undefined;
  return new URL(url).origin;
}

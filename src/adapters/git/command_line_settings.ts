// SPDX-License-Identifier: Apache-2.0

import type { Credentials } from "./credentials.ts";
import type { SshSettings } from "./git_environment.ts";
import type { GitLocation } from "./git_location.ts";
import type { RepositoryLimits } from "./repository_view.ts";
import type { VerifySettings } from "./signature/mod.ts";

/** How a repository is reached through the git command. */
export interface CommandLineSettings {
  readonly location: GitLocation;
  /** Asked at every fetch; wins over those of the location. */
  readonly credentials?: () => Promise<Credentials | undefined>;
  readonly ssh?: SshSettings;
  /** Certificates that are trusted in place of the usual ones, in PEM. */
  readonly caFile?: string;
  /** Where the mirror is kept. Default: a temporary directory, removed at the end. */
  readonly cacheDirectory?: string;
  /** Longest silence of a server. Default 30 s. */
  readonly idleMs?: number;
  /** Longest fetch. Default 10 min. */
  readonly totalMs?: number;
  /** Who must have signed what is put in force. */
  readonly verify?: VerifySettings;
  readonly limits?: Partial<MirrorLimits>;
}

/** How much a mirror may hold. */
export interface MirrorLimits extends RepositoryLimits {
  /** Bytes of a mirror on disk, with what is being received. */
  readonly maxMirrorBytes: number;
  /** A mirror that has grown to twice its size, and beyond this, is written anew. */
  readonly minRepackedBytes: number;
}

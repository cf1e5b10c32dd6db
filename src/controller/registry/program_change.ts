// SPDX-License-Identifier: Apache-2.0

import type { ProgramChange } from "../feed/source_follower.ts";
import type { ReleaseChange } from "../release/release.ts";
import type { ReleaseReplacement } from "./released_channels.ts";

/** What those hear of a replacement who wake triggers. */
export function programChange(
  { channel: { name, canary }, before, after, step }: ReleaseReplacement,
  { outside, inside }: ReleaseChange,
): ProgramChange {
  const isShared = (before?.candidate ?? after.candidate) !== undefined;
  return {
    channel: name,
    changedWorkflows: outside,
    revision: (after.candidate?.generation ?? after.current).revision,
    ...(canary !== undefined && isShared
      ? { inCanary: { share: canary.share, changedWorkflows: inside } }
      : {}),
    ...(step === undefined ? {} : { step }),
    ...(before === undefined ? { presence: "new" as const } : {}),
  };
}

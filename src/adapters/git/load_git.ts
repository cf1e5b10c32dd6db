// SPDX-License-Identifier: Apache-2.0

import type * as IsomorphicGit from "isomorphic-git";

let loading: Promise<typeof IsomorphicGit> | undefined;

/** isomorphic-git, loaded when a repository is first opened: it costs tens of megabytes. */
export function loadGit(): Promise<typeof IsomorphicGit> {
  return loading ??= import("isomorphic-git");
}

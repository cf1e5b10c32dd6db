// SPDX-License-Identifier: Apache-2.0

/**
 * Git repositories as sources of definitions: read object by object, never checked out.
 *
 * @module
 */

export { type Credentials } from "./credentials.ts";
export { openRepository, type SourceSettings } from "./open_repository.ts";
export { type RepositoryLimits } from "./repository_view.ts";
export { commitFiles, type CommitRequest, createRepository } from "./write_repository.ts";

// SPDX-License-Identifier: Apache-2.0

/**
 * Git repositories as sources of definitions: read object by object, never checked out.
 *
 * @module
 */

export {
  type CommandLineRepository,
  createCommandLineRepository,
} from "./command_line_repository.ts";
export { type CommandLineSettings } from "./command_line_settings.ts";
export { type CredentialPlaces, readCredentials, type SecretPlace } from "./credential_files.ts";
export { type Credentials } from "./credentials.ts";
export { type SshSettings } from "./git_environment.ts";
export { type GitLocation, readGitLocation } from "./git_location.ts";
export { openRepository, type SourceSettings } from "./open_repository.ts";
export { type VerifySettings } from "./signature/mod.ts";
export { type RepositoryLimits } from "./repository_view.ts";
export { commitFiles, type CommitRequest, createRepository } from "./write_repository.ts";

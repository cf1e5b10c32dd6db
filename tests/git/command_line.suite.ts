// SPDX-License-Identifier: Apache-2.0

import {
  type CommandLineRepository,
  type CommandLineSettings,
  createCommandLineRepository,
  readGitLocation,
} from "../../src/adapters/git/mod.ts";
import { testRepositoryContract } from "../contract/repository_contract.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";
import { makeSshPlace } from "./ssh_place.ts";

/** A fixture whose repositories are read by the git command; all are ended with it. */
async function makeCommandLineFixture(
  placeOf: (fixture: ServedFixture) => Promise<Pick<CommandLineSettings, "location" | "ssh">>,
): Promise<ServedFixture> {
  const fixture = await makeServedFixture();
  const settings = await placeOf(fixture);
  const opened: CommandLineRepository[] = [];
  return {
    ...fixture,
    open() {
      const repository = createCommandLineRepository(settings);
      opened.push(repository);
      return repository;
    },
    async [Symbol.asyncDispose]() {
      for (const repository of opened) await repository[Symbol.asyncDispose]();
      await fixture[Symbol.asyncDispose]();
    },
  };
}

testRepositoryContract(
  "Repository over HTTP by the git command",
  () => makeCommandLineFixture(({ url }) => Promise.resolve({ location: readGitLocation(url) })),
);

testRepositoryContract(
  "Local repository by the git command",
  () => makeCommandLineFixture(({ path }) => Promise.resolve({ location: readGitLocation(path) })),
);

testRepositoryContract(
  "Repository over SSH",
  () => makeCommandLineFixture(({ path }) => makeSshPlace(path)),
);

// SPDX-License-Identifier: Apache-2.0

import {
  type CommandLineSettings,
  createCommandLineRepository,
  readGitLocation,
} from "../../src/adapters/git/mod.ts";
import { testRepositoryContract } from "../contract/repository_contract.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";
import { sshPlace, startSshServer } from "./ssh_server.ts";

type Place = Pick<CommandLineSettings, "location" | "ssh">;

/** A fixture whose repositories are read by the git command; all are ended with it. */
async function makeCommandLineFixture(
  placeOf: (fixture: ServedFixture, ended: AsyncDisposableStack) => Place | Promise<Place>,
): Promise<ServedFixture> {
  const ended = new AsyncDisposableStack();
  const fixture = ended.use(await makeServedFixture());
  const settings = await placeOf(fixture, ended);
  return {
    ...fixture,
    open: () => ended.use(createCommandLineRepository(settings)),
    [Symbol.asyncDispose]: () => ended.disposeAsync(),
  };
}

testRepositoryContract(
  "Repository over HTTP by the git command",
  () => makeCommandLineFixture(({ url }) => ({ location: readGitLocation(url) })),
);

testRepositoryContract(
  "Local repository by the git command",
  () => makeCommandLineFixture(({ path }) => ({ location: readGitLocation(path) })),
);

testRepositoryContract(
  "Repository over SSH",
  () =>
    makeCommandLineFixture(async ({ path }, ended) =>
      sshPlace(ended.use(await startSshServer()), path)
    ),
);

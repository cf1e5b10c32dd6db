// SPDX-License-Identifier: Apache-2.0

import { openRepository } from "../../src/adapters/git/mod.ts";
import { testRepositoryContract } from "../contract/repository_contract.ts";
import { makeServedFixture } from "./served_fixture.ts";

testRepositoryContract("Repository over HTTP", () => makeServedFixture());

testRepositoryContract("Local repository made by git", async () => {
  const fixture = await makeServedFixture();
  return { ...fixture, open: () => openRepository(fixture.path) };
});

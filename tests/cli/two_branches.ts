// SPDX-License-Identifier: Apache-2.0

import { makeLocalFixture } from "../adapters/git/local_fixture.ts";
import type { Changes } from "../contract/repository_contract.ts";
import { functionTest, valueFunction, workflow } from "../controller/definitions.ts";

/** A repository with the heads of its two branches. */
export type TwoBranches =
  & Awaited<ReturnType<typeof makeLocalFixture>>
  & { readonly main: string; readonly beta: string };

/** A repository with a stable branch, and one that gives its team another function "g". */
export async function twoBranches(
  others: Changes = {},
): Promise<TwoBranches> {
  const fixture = await makeLocalFixture();
  const main = await fixture.commit("main", {
    files: {
      "koreo/functions.k.yaml": `${valueFunction("f", 1)}---\n${valueFunction("g", 1)}`,
      "koreo/f.test.k.yaml": functionTest("f", "f", 1),
      "koreo/a.k.yaml": workflow("a", "f", "Alpha"),
      "koreo/b.k.yaml": workflow("b", "g", "Beta"),
      ...others,
    },
  });
  await fixture.setBranch("beta", main);
  const team = valueFunction("g", 7).replace("name: g", "name: g\n  namespace: team-a");
  const beta = await fixture.commit("beta", { files: { "koreo/team/g.k.yaml": team } });
  return { ...fixture, main, beta };
}

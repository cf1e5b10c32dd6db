// SPDX-License-Identifier: Apache-2.0

import { one, refsOf, type Run } from "./compare_with_git.ts";

const DIRECTORIES = ["", "koreo/", "koreo/deep/", "koreo/deep/er/", "other/"];

export async function commit(
  run: Run,
  branch: string,
  parents: readonly string[],
): Promise<string> {
  const files: Record<string, string | null> = {};
  for (let count = run.random(4) + 1; count > 0; count--) {
    const path = `${DIRECTORIES[run.random(5)]}file-${run.random(12)}.yaml`;
    files[path] = run.random(6) === 0 ? null : textOf(run);
  }
  const at = 1_600_000_000 + run.random(1_000);
  return await run.fixture.commit(branch, {
    files,
    at,
    message: `Step ${run.number++}`,
    ...(parents.length === 0 ? {} : { parents }),
  });
}

/** Texts that resemble each other, so that git makes deltas of them. */
function textOf({ random }: Run): string {
  const lines = Array.from(
    { length: [0, 1, 40, 400][random(4)] ?? 0 },
    (_none, at) => `line ${at}`,
  );
  if (lines.length > 0) lines[random(lines.length)] = `changed ${random(1_000_000)}`;
  return lines.join("\n");
}

type Change = (run: Run) => Promise<unknown>;

const CHANGES: readonly Change[] = [
  async (run) => await commit(run, one(run, await branchNames(run)) ?? "main", []),
  async (run) => await commit(run, one(run, await branchNames(run)) ?? "main", []),
  async (run) => {
    const names = await branchNames(run);
    const name = one(run, ["beta", "preview/a", "preview/b", "preview/c", "x"]) ?? "beta";
    if (names.includes(name)) await commit(run, name, [await someCommit(run)]);
    else await run.fixture.setBranch(name, await someCommit(run));
  },
  async (run) => {
    const name = one(run, (await branchNames(run)).filter((branch) => branch !== "main"));
    if (name !== undefined) await run.fixture.deleteBranch(name);
  },
  async (run) =>
    await run.fixture.setBranch(one(run, await branchNames(run)) ?? "main", await someCommit(run)),
  async (run) => {
    const count = run.random(3) + 2;
    const parents = await Promise.all(Array.from({ length: count }, () => someCommit(run)));
    await commit(run, one(run, await branchNames(run)) ?? "main", [...new Set(parents)]);
  },
  async (run) => {
    const annotated = run.random(2) === 0;
    await run.fixture.tag(`v${run.random(3)}`, await someCommit(run), { annotated });
  },
  async (run) => {
    const [name] = [...(await refsOf(run, "refs/tags/")).keys()];
    if (name !== undefined) await run.fixture.git("tag", "-d", name);
  },
  async ({ fixture }) => {
    await fixture.git("reflog", "expire", "--expire=now", "--all");
    await fixture.git("gc", "-q", "--prune=now");
  },
  async (run) => {
    const form = run.random(2) === 0 ? "true" : "false";
    const sizes = [`--depth=${1 + run.random(50)}`, `--window=${1 + run.random(30)}`];
    const offsets = `repack.usedeltabaseoffset=${form}`;
    await run.fixture.git("-c", offsets, "repack", "-adfq", ...sizes);
  },
];

export async function changeServer(run: Run): Promise<void> {
  await one(run, CHANGES)?.(run);
}

async function branchNames({ fixture }: Run): Promise<readonly string[]> {
  const text = await fixture.git("for-each-ref", "--format=%(refname:lstrip=2)", "refs/heads/");
  return text.split("\n");
}

/** One of all that are reachable. */
async function someCommit(run: Run): Promise<string> {
  const text = await run.fixture.git("rev-list", "--all", "--max-count=40");
  return one(run, text.split("\n")) ?? "";
}

// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";
import { joinBytes } from "../../src/adapters/git/join_bytes.ts";
import type { ServedFixture } from "./served_fixture.ts";

/**
 * A pack of all that is reachable: by git, which did not ask what the reader has.
 *
 * @param choose Which objects are put in; default: all
 */
export async function packOfAll(
  { path, git }: ServedFixture,
  choose: (ids: readonly string[]) => readonly string[] = (ids) => ids,
): Promise<Uint8Array> {
  const text = await git("rev-list", "--objects", "--no-object-names", "--all");
  const ids = choose(text.split("\n"));
  const child = new Deno.Command("git", {
    args: ["-C", path, "pack-objects", "-q", "--stdout"],
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(`${ids.join("\n")}\n`));
  await writer.close();
  const { stdout } = await child.output();
  return stdout;
}

const HEADER_BYTES = 12;
const CHECKSUM_BYTES = 20;

/** The same pack with all its entries that change no neighbour, twice. */
export async function withDuplicates(
  { path, git }: ServedFixture,
  pack: Uint8Array,
): Promise<Uint8Array> {
  const name = await Deno.makeTempFile({ dir: path, suffix: ".pack" });
  await Deno.writeFile(name, pack);
  await git("index-pack", name);
  const lines = (await git("verify-pack", "-v", name)).split("\n");
  for (const end of ["pack", "idx", "rev"]) {
    await Deno.remove(name.replace(/pack$/, end)).catch(() => {});
  }
  const entries = lines.flatMap((line) => {
    const [, size, at] = /^[0-9a-f]{40} \w+ +\d+ (\d+) (\d+)/.exec(line) ?? [];
    return at === undefined ? [] : [pack.slice(Number(at), Number(at) + Number(size))];
  });
  // Without offsets, which pack-objects writes only when told to, an entry may stand anywhere.
  const body = joinBytes([pack.subarray(0, -CHECKSUM_BYTES), ...entries]);
  const view = new DataView(body.buffer);
  view.setUint32(HEADER_BYTES - 4, view.getUint32(HEADER_BYTES - 4) + entries.length);
  return joinBytes([body, createHash("sha1").update(body).digest()]);
}

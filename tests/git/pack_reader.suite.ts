// SPDX-License-Identifier: Apache-2.0

import { equal, ok, throws } from "node:assert/strict";
import { createHash } from "node:crypto";
import fc from "fast-check";
import { TransportError } from "../../src/adapters/git/failure.ts";
import { joinBytes } from "../../src/adapters/git/join_bytes.ts";
import { indexPack } from "../../src/adapters/git/index_pack.ts";
import { DEFAULT_LIMITS } from "../../src/adapters/git/repository_view.ts";
import { openPack, type PackReader } from "../../src/adapters/git/pack_reader.ts";
import { growing, packOf, REFERENCE_DELTA, zeros } from "../adapters/git/made_pack.ts";
import { makeServedFixture, type ServedFixture } from "./served_fixture.ts";

/** A long text of which each version differs a little: git stores it as a chain of deltas. */
function versionOf(number: number): string {
  const lines = Array.from({ length: 200 }, (_, line) => `key${line}: ${Math.sin(line)}`);
  lines[number % 200] = `key: version ${number}`;
  return lines.join("\n");
}

async function repack(fixture: ServedFixture, ...options: readonly string[]) {
  for (let number = 0; number < 40; number++) {
    await fixture.commit("main", { files: { "a.yaml": versionOf(number), [`f${number}`]: "x" } });
  }
  await fixture.git(...options, "repack", "-adfq", "--depth=40", "--window=40");
  const directory = `${fixture.path}/objects/pack`;
  const names = [...Deno.readDirSync(directory)].map(({ name }) => name);
  const name = names.find((one) => one.endsWith(".idx")) ?? "";
  return {
    index: await Deno.readFile(`${directory}/${name}`),
    pack: await Deno.readFile(`${directory}/${name.replace(/idx$/, "pack")}`),
    deltas: (await fixture.git("verify-pack", "-v", `${directory}/${name}`))
      .split("\n").filter((line) => / \d+ [0-9a-f]{40}$/.test(line)).length,
  };
}

async function objectsOf(fixture: ServedFixture): Promise<readonly (readonly string[])[]> {
  const format = "--batch-check=%(objectname) %(objecttype) %(objectsize)";
  const text = await fixture.git("cat-file", "--batch-all-objects", format);
  return text.split("\n").map((line) => line.split(" "));
}

const FORMS = [
  { name: "deltas by offset", options: ["-c", "repack.usedeltabaseoffset=true"] },
  { name: "deltas by id", options: ["-c", "repack.usedeltabaseoffset=false"] },
] as const;

for (const { name, options } of FORMS) {
  Deno.test(`openPack() reads every object of a pack with ${name} as git does`, async () => {
    await using fixture = await makeServedFixture();
    const { pack, index, deltas } = await repack(fixture, ...options);
    ok(deltas > 30, `the pack has only ${deltas} deltas`);
    const reader = openPack(pack, index);
    const objects = await objectsOf(fixture);
    ok(objects.length > 100);
    for (const [id = "", type, size] of objects) {
      const object = reader?.read(id);
      equal(object?.type, type);
      equal(object?.bytes.length, Number(size));
    }
    equal(reader?.read("0".repeat(40)), undefined);
    equal(reader?.read("f".repeat(40)), undefined);
  });

  Deno.test(`indexPack() writes the index of a pack with ${name} that git writes, byte for byte`, async () => {
    await using fixture = await makeServedFixture();
    const { pack, index } = await repack(fixture, ...options);
    const { signal } = new AbortController();
    const own = await indexPack(pack, { limits: DEFAULT_LIMITS, signal });
    equal(own.toHex(), index.toHex());
  });
}

Deno.test("openPack() never gives an object of another content than its id says", async () => {
  await using fixture = await makeServedFixture();
  const { pack, index } = await repack(fixture);
  const ids = (await objectsOf(fixture)).map(([id = ""]) => id);
  const whole = openPack(pack, index);
  fc.assert(
    fc.property(
      fc.constantFrom(...ids),
      fc.nat(pack.length - 1),
      fc.integer({ min: 1, max: 255 }),
      (id, at, flip) => {
        const damaged = pack.slice();
        damaged[at] = (damaged[at] ?? 0) ^ flip;
        const reader: PackReader | undefined = openPack(damaged, index);
        try {
          equal(reader?.read(id)?.bytes.toHex(), whole?.read(id)?.bytes.toHex());
        } catch (error) {
          equal(error instanceof TransportError, true, String(error));
        }
      },
    ),
    { numRuns: 1_000 },
  );
  const cut = openPack(pack.subarray(0, pack.length / 2), index);
  throws(() => ids.forEach((id) => cut?.read(id)), TransportError);
});

Deno.test("openPack() leaves an index of another form to the library", () => {
  equal(openPack(new Uint8Array(100), new Uint8Array(2_000)), undefined);
  equal(openPack(new Uint8Array(100), new Uint8Array(0)), undefined);
});

Deno.test("indexPack() indexes hundreds of thousands of deltas of one object, each once", async () => {
  const base = { content: zeros(300) };
  const id = createHash("sha1").update("blob 300\0").update(base.content).digest("hex");
  const delta = packOf([{ type: REFERENCE_DELTA, content: growing(300), base: id }]);
  const entries = [packOf([base]), ...Array.from({ length: 130_000 }, () => delta)];
  const body = joinBytes([
    packOf([]).slice(0, 12),
    ...entries.map((pack) => pack.subarray(12, -20)),
  ]);
  new DataView(body.buffer).setUint32(8, entries.length);
  const pack = joinBytes([body, createHash("sha1").update(body).digest()]);
  const { signal } = new AbortController();
  const reader = openPack(pack, await indexPack(pack, { limits: DEFAULT_LIMITS, signal }));
  equal(reader?.read(id)?.bytes.length, 300);
});

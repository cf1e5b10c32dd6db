// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { gzipPacker } from "../../../src/adapters/gzip_packer.ts";
import {
  createHeadObjects,
  type HeadObjects,
} from "../../../src/controller/record/head_objects.ts";
import { recordHeadName } from "../../../src/controller/record/record_maps.ts";
import { createRecordPlace } from "../../../src/controller/record/record_place.ts";
import type { Cluster } from "../../../src/runtime/ports.ts";
import { createSeededRandom } from "../../../src/simulator/mod.ts";
import { createRecordWorld, NAMESPACE, type RecordWorld, sampleRecord } from "./records.ts";

const to = { signal: new AbortController().signal };

function headObjects(
  { clock, packer, simulator }: RecordWorld,
  cluster: Pick<Cluster, "list"> = simulator.cluster,
): HeadObjects {
  const place = createRecordPlace({
    cluster: { ...simulator.cluster, list: cluster.list },
    namespace: NAMESPACE,
    clock,
    random: createSeededRandom(1),
    logger: { log: () => {} },
  });
  return createHeadObjects({ place, packer, clock });
}

async function nameAlone(channel: string) {
  const name = await recordHeadName(channel, gzipPacker);
  return { apiVersion: "v1", kind: "ConfigMap", namespace: NAMESPACE, name };
}

Deno.test("what an Event on a channel is about has the uid of its record", async () => {
  const world = createRecordWorld();
  const store = world.open();
  for (const channel of ["stable", "beta"]) await store.save(sampleRecord(channel), to);
  const maps = await world.maps();
  const find = headObjects(world);
  const lists = () => world.calls.filter(({ verb }) => verb === "list").length;
  const before = lists();
  for (const channel of ["stable", "beta", "stable"]) {
    const expected = await nameAlone(channel);
    deepEqual(await find(channel, to), {
      ...expected,
      uid: maps.get(expected.name)?.metadata.uid,
    });
  }
  equal(lists(), before + 1, "all heads are asked for at once");
});

Deno.test("a record that is written later, or anew, is found with its uid", async () => {
  const world = createRecordWorld();
  const find = headObjects(world);
  deepEqual(await find("stable", to), await nameAlone("stable"));
  const store = world.open();
  await store.save(sampleRecord("stable"), to);
  await world.clock.advance(1_000);
  const { uid } = await find("stable", to);
  equal(typeof uid, "string");
  await store.remove("stable", to);
  await store.save(sampleRecord("stable"), to);
  await world.clock.advance(30_000);
  const again = await find("stable", to);
  equal(again.uid, (await world.maps()).get(again.name)?.metadata.uid);
  equal(again.uid === uid, false);
});

Deno.test("without an answer the name of a record is told alone", async () => {
  const world = createRecordWorld();
  const refused = headObjects(world, { list: () => Promise.reject(new TypeError("no")) });
  deepEqual(await refused("stable", to), await nameAlone("stable"));
  const silent = headObjects(world, {
    list: (_path, _selection, { signal }) =>
      new Promise((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  });
  const told = silent("stable", to);
  await world.clock.advance(5_000);
  deepEqual(await told, await nameAlone("stable"));
});

// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, throws } from "node:assert/strict";
import fc from "fast-check";
import { RecordFault } from "../../../src/controller/record/record_check.ts";
import { createRecordReader, recordSections } from "../../../src/controller/record/record_text.ts";
import type { ChannelRecord } from "../../../src/controller/release/release.ts";
import { anyRecord, inOrder, sampleRecord } from "./records.ts";

Deno.test("the text of a record is read as what was written", () => {
  fc.assert(fc.property(anyRecord, (record) => {
    deepEqual(inOrder(parseRecord(record.channel, textOf(record))), inOrder(record));
  }));
});

Deno.test("the order of documents and Programs makes no other text", () => {
  const shuffled = anyRecord.chain((record) =>
    fc.tuple(
      fc.constant(record),
      shuffle(record.documents),
      shuffle(record.programs),
    )
  );
  fc.assert(fc.property(shuffled, ([record, documents, programs]) => {
    equal(textOf({ ...record, documents, programs }), textOf(record));
  }));
});

Deno.test("a text that was cut, or a line of which was changed, is a fault or a whole record", () => {
  const cuts = anyRecord.chain((record) => {
    const lines = textOf(record).split("\n");
    return fc.record({
      record: fc.constant(record),
      drop: fc.nat(lines.length - 1),
      put: fc.constantFrom(
        "",
        "null",
        "[]",
        "{}",
        '{"program":{}}',
        '{"workflow":{},"at":[[9,9]]}',
        '{"release":{}}',
        '{"document":7}',
        "{",
        '{"program":{"id":"p"},"ranges":[[0,1e9]]}',
      ),
    }).map(({ drop, put }) => ({
      channel: record.channel,
      text: lines.with(drop, put).join("\n"),
    }));
  });
  fc.assert(fc.property(cuts, ({ channel, text }) => {
    try {
      const record = parseRecord(channel, text);
      deepEqual(inOrder(parseRecord(channel, textOf(record))), inOrder(record));
    } catch (error) {
      if (!(error instanceof RecordFault)) throw error;
    }
  }));
});

Deno.test("a canary whose triggers were written down in another way is a fault", () => {
  const record = sampleRecord("stable", { files: 1 });
  const { current } = record.release;
  const generation = { ...current, workflows: [] };
  for (const baseline of [7, [], { failed: 7, unready: [] }, { failed: [], unready: [7] }]) {
    const candidate = { generation, startedAt: 1, baseline };
    const release = { ...record.release, candidate } as unknown as ChannelRecord["release"];
    throws(() => parseRecord("stable", textOf({ ...record, release })), RecordFault);
  }
});

Deno.test("Programs that name more documents than there is memory for are a fault", () => {
  const record = sampleRecord("stable", { files: 1_000 });
  const many = JSON.stringify({
    program: { id: "many", namespace: "default" },
    ranges: Array.from({ length: 6_000 }, () => [0, 1_000]),
  });
  throws(() => parseRecord("stable", `${textOf(record)}${many}\n`), /name 6001000 documents/);
});

Deno.test("a change of one of 2,000 documents leaves all sections alone but two", () => {
  const before = recordSections(sampleRecord("stable", { files: 2_000 }));
  const after = recordSections(sampleRecord("stable", { files: 2_000, revision: 2, edited: 700 }));
  const texts = new Set(before.map((section) => section.text()));
  equal(after.filter((section) => !texts.has(section.text())).length, 2);
  equal(after.length > 10, true);
});

function parseRecord(channel: string, text: string): ChannelRecord {
  const reader = createRecordReader(channel);
  // in two pieces, wherever that is
  const middle = text.length >> 1;
  reader.add(text.slice(0, middle));
  reader.add(text.slice(middle));
  return reader.end();
}

function textOf(record: ChannelRecord): string {
  return recordSections(record).map((section) => section.text()).join("");
}

function shuffle<T>(list: readonly T[]): fc.Arbitrary<T[]> {
  return fc.shuffledSubarray([...list], { minLength: list.length });
}

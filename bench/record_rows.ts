// SPDX-License-Identifier: Apache-2.0

import { gzipPacker } from "../src/adapters/gzip_packer.ts";
import { createRecordPlace } from "../src/controller/record/record_place.ts";
import { createRecordStore } from "../src/controller/record/record_store.ts";
import type { ChannelRecord } from "../src/controller/release/release.ts";
import { createSeededRandom, createSimulator } from "../src/simulator/mod.ts";
import { systemClock, systemYield } from "../src/adapters/system.ts";
import { corpusText } from "./corpus_text.ts";
import { type Row, row } from "./row.ts";

const KIBIBYTE = 1024;
const NAMESPACE = "default";
const { signal } = new AbortController();

/** What the record takes in the cluster, and what one more commit writes. */
export async function* recordRows(): AsyncGenerator<Row> {
  for (const definitions of [600, 2_000]) {
    const { whole, commit, milliseconds } = await measure(definitions);
    const of = `of ${definitions.toLocaleString("en-US")} definitions`;
    const size = { unit: "KiB", bound: "at most" } as const;
    yield row({ work: `record ${of}`, figure: whole / KIBIBYTE, ...size });
    yield row({
      work: `written for a commit that changes one ${of}`,
      figure: commit / KIBIBYTE,
      ...size,
    });
    yield row({
      work: `time for that, the cluster in memory`,
      figure: milliseconds,
      unit: "ms",
      bound: "at most",
    });
  }
}

/** Bytes of the requests that write the first record, and of those for the next one. */
async function measure(
  definitions: number,
): Promise<{ readonly whole: number; readonly commit: number; readonly milliseconds: number }> {
  let bytes = 0;
  const simulator = createSimulator({
    clock: systemClock,
    onCall: ({ body }) => bytes += body === undefined ? 0 : JSON.stringify(body).length,
  });
  const logger = { log: () => {} };
  const clock = systemClock;
  const random = createSeededRandom(1);
  const place = createRecordPlace({
    cluster: simulator.cluster,
    namespace: NAMESPACE,
    clock,
    random,
    logger,
  });
  const store = createRecordStore({
    place,
    packer: gzipPacker,
    clock,
    yieldNow: systemYield,
    logger,
  });
  const first = await recordOf(definitions, 1);
  await store.save(first, { signal });
  const whole = bytes;
  const second = await recordOf(definitions, 2);
  const next: ChannelRecord = {
    ...second,
    programs: [...first.programs, ...second.programs],
    documents: [...new Map([...first.documents, ...second.documents].map((d) => [d.id, d]))
      .values()],
    release: { ...second.release, previous: first.release.current },
  };
  bytes = 0;
  const start = performance.now();
  await store.save(next, { signal });
  const milliseconds = performance.now() - start;
  simulator.close();
  return { whole, commit: bytes, milliseconds };
}

/** The corpus once, or several times under other names, as one revision of a channel. */
async function recordOf(definitions: number, version: number): Promise<ChannelRecord> {
  const texts = ["templates.yaml", "functions.yaml", "workflows.yaml"]
    .flatMap((name) => corpusText(name).split("\n---\n"));
  const copies = Array.from({ length: definitions }, (_, index) => {
    const text = texts[index % texts.length] ?? "";
    const copy = Math.floor(index / texts.length);
    const named = copy === 0 ? text : text.replaceAll("case-", `case-${copy}-`);
    return { text: index === 0 ? `${named}\n# ${version}` : named, file: `d/${index}.k.yaml` };
  });
  const documents = await Promise.all(copies.map(async ({ text, file }) => (
    { id: await digest(`${file} ${text}`), file, line: 1, text }
  )));
  const revision = `main@sha1:${(await digest(String(version))).slice(0, 40)}`;
  const program = {
    id: await digest(revision),
    namespace: "default",
    documents: documents.map(({ id }) => id),
  };
  const names = documents.flatMap(({ text }, index) =>
    text.includes("kind: Workflow") ? [`workflow-${index}.v1`] : []
  );
  const workflows = await Promise.all(names.map(async (name) => ({
    namespace: "default",
    name,
    crdRef: { apiGroup: "example.dev", version: "v1", kind: name },
    inForce: { program: program.id, revision, digest: await digest(name), unreadable: [] },
  })));
  const current = { revision, author: "Tess Ter", subject: "Change one", workflows };
  return {
    channel: "stable",
    programs: [program],
    documents,
    release: { current, refused: [] },
  };
}

function digest(text: string): Promise<string> {
  return gzipPacker.digest(new TextEncoder().encode(text));
}

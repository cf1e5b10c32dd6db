// SPDX-License-Identifier: Apache-2.0

import fc from "fast-check";
import { gzipPacker } from "../../../src/adapters/gzip_packer.ts";
import type {
  Generation,
  PublishedWorkflow,
} from "../../../src/controller/publication/publication.ts";
import { createRecordPlace } from "../../../src/controller/record/record_place.ts";
import { createRecordStore } from "../../../src/controller/record/record_store.ts";
import type { ChannelRecord, RecordStore } from "../../../src/controller/release/release.ts";
import type { JsonObject } from "../../../src/language/mod.ts";
import type { KubernetesObject, LogEntry, Packer } from "../../../src/runtime/ports.ts";
import {
  type ClusterCall,
  createManualClock,
  createSeededRandom,
  createSimulator,
  type ManualClock,
  type Simulator,
} from "../../../src/simulator/mod.ts";

export const NAMESPACE = "koreo-system";
const never = new AbortController().signal;

/** A simulated cluster with the namespace of the record, and stores on it. */
export interface RecordWorld {
  readonly simulator: Simulator;
  readonly clock: ManualClock;
  readonly logs: LogEntry[];
  readonly calls: ClusterCall[];
  /** Packs and hashes as the system does, on other threads; the clock waits for it. */
  readonly packer: Packer;
  /** A store that knows nothing yet, as after a restart. */
  open(): RecordStore;
  /** All ConfigMaps of the record, by name. */
  maps(): Promise<ReadonlyMap<string, KubernetesObject>>;
  change(name: string, body: JsonObject): Promise<void>;
  remove(name: string): Promise<void>;
  /** Puts a ConfigMap of this content in place of another one. */
  replace(name: string, binaryData: JsonObject): Promise<void>;
}

/** Starts a world. */
export function createRecordWorld(namespaces: readonly string[] = [NAMESPACE]): RecordWorld {
  const { packer, idle } = watchedPacker();
  const clock = createManualClock({ settle: idle });
  const calls: ClusterCall[] = [];
  const simulator = createSimulator({ clock, namespaces, onCall: (call) => void calls.push(call) });
  const logs: LogEntry[] = [];
  const logger = { log: (entry: LogEntry) => void logs.push(entry) };
  const { cluster } = simulator;
  const path = (name: string) => (
    { apiVersion: "v1", kind: "ConfigMap", plural: "configmaps", namespace: NAMESPACE, name }
  );
  return {
    simulator,
    clock,
    logs,
    calls,
    packer,
    open() {
      const random = createSeededRandom(1);
      const place = createRecordPlace({ cluster, namespace: NAMESPACE, clock, random, logger });
      return createRecordStore({
        place,
        packer,
        clock,
        yieldNow: () => Promise.resolve(),
        logger,
      });
    },
    async maps() {
      const { items } = await cluster.list(path(""), { namespace: NAMESPACE }, { signal: never });
      return new Map(items.map((item) => [String(item.metadata.name), item]));
    },
    async change(name, body) {
      await cluster.patch(path(name), { type: "merge", body }, { signal: never });
    },
    remove: (name) => cluster.delete(path(name), {}, { signal: never }),
    async replace(name, binaryData) {
      const before = await cluster.get(path(name), { signal: never });
      if (before === undefined) throw new TypeError(`Cannot replace "${name}": there is none`);
      const { labels = {} } = before.metadata;
      const { apiVersion, kind } = before;
      await cluster.delete(path(name), {}, { signal: never });
      const made = { apiVersion, kind, metadata: { name, labels }, binaryData };
      await cluster.create(path(name), made, { signal: never });
    },
  };
}

/** A record of so many files with one document each, and a Workflow for every ten of them. */
export function sampleRecord(
  channel: string,
  options: { readonly files?: number; readonly revision?: number; readonly edited?: number } = {},
): ChannelRecord {
  const { files = 20, revision = 1, edited = -1 } = options;
  const documents = Array.from({ length: files }, (_, index) => {
    const version = index === edited ? revision : 0;
    return {
      id: `document-${index}-${version}`,
      file: `team-${index % 7}/function-${index}.k.yaml`,
      line: 1,
      text: `kind: ValueFunction\nversion: ${version}\nname: function-${index} ${"é".repeat(20)}\n`,
    };
  });
  const name = `${channel}@sha1:${String(revision).padStart(40, "0")}`;
  const program = {
    id: `program-${revision}-${edited}`,
    namespace: "default",
    documents: documents.map(({ id }) => id),
  };
  const workflows = Array.from(
    { length: Math.ceil(files / 10) },
    (_, index): PublishedWorkflow => ({
      namespace: "default",
      name: `workflow-${String(index).padStart(4, "0")}.v1`,
      crdRef: { apiGroup: "example.dev", version: "v1", kind: `Kind${index}` },
      inForce: { program: program.id, revision: name, digest: `digest-${index}`, unreadable: [] },
    }),
  );
  const current: Generation = { revision: name, author: "A", subject: "S", workflows };
  return { channel, programs: [program], documents, release: { current, refused: [] } };
}

/** The record with its lists of documents and Programs in one order: it is of no account. */
export function inOrder(record: ChannelRecord): ChannelRecord {
  const byId = (a: { readonly id: string }, b: { readonly id: string }) => a.id < b.id ? -1 : 1;
  return {
    ...record,
    documents: record.documents.toSorted(byId),
    programs: record.programs.toSorted(byId),
  };
}

const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom("", "\n", "{}", "é\u{1F600}"));
const documents: fc.Arbitrary<ChannelRecord["documents"]> = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1 }),
    file: fc.constantFrom("a.k.yaml", "b/c.k.yaml", "ü", "", "x y", "z\n1"),
    line: fc.nat(),
    text,
  }),
  { selector: ({ id }) => id, maxLength: 12 },
);

/** Any record. */
export const anyRecord: fc.Arbitrary<ChannelRecord> = documents.chain(recordWith).map((made) =>
  // of ordinary objects, as JSON has them
  structuredClone(made)
);

function recordWith(documents: ChannelRecord["documents"]): fc.Arbitrary<ChannelRecord> {
  const ids = documents.map(({ id }) => id);
  const program = fc.record({
    id: fc.string({ minLength: 1 }),
    namespace: text,
    priority: fc.array(text, { maxLength: 3 }),
    documents: ids.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...ids)),
    tests: ids.length === 0 ? fc.constant([]) : fc.array(fc.constantFrom(...ids)),
  }, { requiredKeys: ["id", "namespace", "documents"] });
  return fc.uniqueArray(program, { selector: ({ id }) => id, minLength: 1, maxLength: 4 })
    .chain((programs) =>
      fc.record({
        channel: fc.string({ minLength: 1 }),
        release: releaseOf(programs.map(({ id }) => id)),
        programs: fc.constant(programs),
        documents: fc.constant(documents),
      })
    );
}

function releaseOf(programs: readonly string[]): fc.Arbitrary<ChannelRecord["release"]> {
  const workflow = fc.record({
    namespace: text,
    name: text,
    crdRef: fc.record({ apiGroup: text, version: text, kind: text }),
    inForce: fc.record({
      program: fc.constantFrom(...programs),
      revision: text,
      digest: text,
      unreadable: fc.array(text, { maxLength: 2 }),
    }),
    heldBack: fc.record({
      revision: text,
      author: text,
      subject: text,
      reason: text,
      file: text,
      line: fc.nat(),
      test: text,
      case: text,
      takenBack: fc.record({ revision: text, reason: text, at: fc.nat() }),
    }, { requiredKeys: ["revision", "author", "subject", "reason"] }),
  }, { requiredKeys: ["namespace", "name"] });
  const generation = fc.record({
    revision: text,
    author: text,
    subject: text,
    workflows: fc.array(workflow, { maxLength: 5 }),
  });
  const behaviours = fc.array(fc.record({ name: text, digest: fc.option(text) }), { maxLength: 3 });
  return fc.record({
    current: generation,
    candidate: fc.record({ generation, startedAt: fc.nat() }),
    previous: generation,
    // Records of old have refusals without Workflows.
    refused: fc.array(
      fc.record({ revision: text, reason: text, at: fc.nat(), workflows: behaviours }, {
        requiredKeys: ["revision", "reason", "at"],
      }),
      { maxLength: 3 },
    ),
    allowed: behaviours,
  }, { requiredKeys: ["current", "refused"] });
}

/** The packer of the system, and a wait for all that it has begun and what follows from it. */
function watchedPacker(): { readonly packer: Packer; readonly idle: () => Promise<void> } {
  let atWork = 0;
  const watched = async <T>(work: Promise<T>): Promise<T> => {
    atWork++;
    try {
      return await work;
    } finally {
      atWork--;
    }
  };
  return {
    packer: {
      digest: (bytes) => watched(gzipPacker.digest(bytes)),
      pack: (bytes) => watched(gzipPacker.pack(bytes)),
      unpack: (packed, maxBytes) => watched(gzipPacker.unpack(packed, maxBytes)),
    },
    async idle() {
      do await nextMacrotask(); while (atWork > 0);
    },
  };
}

function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

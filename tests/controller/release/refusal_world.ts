// SPDX-License-Identifier: Apache-2.0

import { compileProgram, readDocuments } from "../../../src/language/mod.ts";
import type { CanarySettings } from "../../../src/controller/channels/channel_settings.ts";
import { createDefinitionFeed } from "../../../src/controller/feed/definition_feed.ts";
import type { GateMode } from "../../../src/controller/gate/gate.ts";
import type { PublishedWorkflow } from "../../../src/controller/publication/publication.ts";
import { createRecordReader, recordSections } from "../../../src/controller/record/record_text.ts";
import {
  createReleaseRegistry,
  type ReleaseRegistry,
} from "../../../src/controller/registry/release_registry.ts";
import type {
  ChannelRecord,
  RecordStore,
  Release,
} from "../../../src/controller/release/release.ts";
import { createManualClock, createSeededRandom } from "../../../src/simulator/mod.ts";
import { createMemoryRepository } from "../channels/memory_repository.ts";
import { valueFunction, workflow } from "../definitions.ts";

/** Definitions: what the Functions of the Workflows a, b and both give; `null`: none of that name. */
export interface Content {
  readonly a: number | null;
  readonly b: number;
  /** The kind whose triggers b is for; Beta unless given. That of a is Alpha. */
  readonly kindOfB?: "Alpha" | "Beta" | "Gamma";
  /** Says nothing of how anything behaves. */
  readonly comment?: number;
}

/** The real feed, gate, registry and text of a record, on a repository in memory. */
export interface RefusalWorld extends AsyncDisposable {
  /** Commits definitions; nobody has looked at it yet. */
  commit(content: Content): void;
  /** Moves the branch to the commit of that number, counted from 0. */
  reset(index: number): void;
  /** Has the branch looked at, and lets everything happen that follows. */
  look(): Promise<void>;
  /** Begins anew with what is recorded. */
  restart(): Promise<void>;
  readonly registry: () => ReleaseRegistry;
  /** What is in force, tried and refused, as it is recorded. */
  release(): Promise<Release>;
  /** How Workflows of the head of the branch would behave, by name. */
  headDigests(): ReadonlyMap<string, string>;
}

/** How a world decides. */
export interface RefusalWorldOptions {
  readonly gate?: GateMode;
  readonly canary?: CanarySettings | undefined;
  /** Changes records on their way to the next start. */
  readonly aged?: (record: ChannelRecord) => ChannelRecord;
}

/** Starts one with a first commit in force. */
export async function createRefusalWorld(
  first: Content,
  { gate = "workflow", canary, aged = (record) => record }: RefusalWorldOptions = {},
): Promise<RefusalWorld> {
  const repository = createMemoryRepository();
  const clock = createManualClock();
  const commits: { readonly id: string; readonly content: Content }[] = [];
  let head = first;
  let text = "";
  const records: RecordStore = {
    load: () => Promise.resolve(text === "" ? [] : [aged(recordIn(text))]),
    save: (record) => {
      text = recordSections(record).map((section) => section.text()).join("");
      return Promise.resolve();
    },
    remove: () => Promise.resolve(),
  };

  function start() {
    const channels = [{
      name: "stable",
      source: "defs",
      branch: "main",
      ...(canary === undefined ? {} : { canary }),
    }];
    const logger = { log: () => {} };
    const feed = createDefinitionFeed({
      sources: [
        { name: "defs", repository, location: "memory", directory: "", intervalMs: 36_000_000 },
      ],
      channels,
      gate,
      clock,
      logger,
      runTests: () => Promise.resolve([]),
    });
    const registry = createReleaseRegistry({
      feed,
      channels,
      records,
      clock,
      random: createSeededRandom(1),
      yieldNow: () => Promise.resolve(),
      logger,
    });
    const stop = new AbortController();
    const running = registry.run({ signal: stop.signal }).catch(() => {});
    return { registry, running, stop };
  }

  function commit(content: Content): void {
    commits.push({ id: repository.write(filesOf(content)), content });
    head = content;
  }

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 4; turn++) await clock.advance(1_000);
  }

  commit(first);
  let process = start();
  await settle();
  return {
    commit,
    reset(index) {
      const found = commits[index % commits.length];
      if (found === undefined) return;
      repository.reset(found.id);
      head = found.content;
    },
    async look() {
      process.registry.wake();
      await settle();
    },
    async restart() {
      process.stop.abort("restart");
      await clock.advance(4_000);
      await process.running;
      process = start();
      await settle();
    },
    registry: () => process.registry,
    async release() {
      await settle();
      return recordIn(text).release;
    },
    headDigests: () => digestsOf(head),
    async [Symbol.asyncDispose]() {
      process.stop.abort("over");
      await clock.advance(4_000);
      await process.running;
    },
  };
}

function recordIn(text: string): ChannelRecord {
  const reader = createRecordReader("stable");
  reader.add(text);
  return reader.end();
}

function filesOf(
  { a, b, kindOfB = "Beta", comment = 0 }: Content,
): Readonly<Record<string, string>> {
  return {
    "README.md": `Commit ${comment}`,
    "f.k.yaml": `# ${comment}\n${valueFunction("f", a ?? 0)}`,
    "g.k.yaml": valueFunction("g", b),
    ...(a === null ? {} : { "a.k.yaml": workflow("a", "f", "Alpha") }),
    "b.k.yaml": workflow("b", "g", kindOfB),
  };
}

function digestsOf(content: Content): ReadonlyMap<string, string> {
  const documents = Object.entries(filesOf(content))
    .filter(([path]) => path.endsWith(".k.yaml"))
    .flatMap(([path, text]) => readDocuments({ path, text }));
  const program = compileProgram(documents, { defaultNamespace: "default" });
  const names = content.a === null ? ["b"] : ["a", "b"];
  return new Map(names.map((name) => [name, program.reachDigest("Workflow", name)]));
}

/** How Workflows that are in force behave, by name. */
export function digestsIn(workflows: readonly PublishedWorkflow[]): ReadonlyMap<string, string> {
  return new Map(
    workflows.flatMap(({ name, inForce }) => inForce === undefined ? [] : [[name, inForce.digest]]),
  );
}

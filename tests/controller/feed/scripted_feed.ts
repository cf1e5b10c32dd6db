// SPDX-License-Identifier: Apache-2.0

import { readDocuments } from "../../../src/language/mod.ts";
import type {
  FeedSeed,
  Generation,
  PublishedContent,
} from "../../../src/controller/publication/publication.ts";
import type {
  ChannelPublication,
  DefinitionFeed,
  FeedMessage,
} from "../../../src/controller/feed/feed_message.ts";
import { textOfProgram } from "../../../src/controller/publication/published_program.ts";
import type { PresentChannel } from "../../../src/controller/channels/channel_settings.ts";
import type { ChannelRecord } from "../../../src/controller/release/release.ts";

/** A feed that tells what a test says. */
export interface ScriptedFeed extends DefinitionFeed {
  /** Tells something, and waits until it was dealt with. */
  tell(message: FeedMessage): Promise<void>;
  /** Ends the run that goes on. */
  breakDown(error: Error): void;
  /** How many runs there were, whether they have their seeds or wait for them. */
  readonly begun: () => number;
  /** The seeds of every run so far. */
  readonly runs: readonly (readonly FeedSeed[])[];
  readonly wentBack: readonly FeedSeed[];
}

/** Makes one. */
export function createScriptedFeed(): ScriptedFeed {
  const runs: (readonly FeedSeed[])[] = [];
  const wentBack: FeedSeed[] = [];
  let receive: ((message: FeedMessage) => Promise<void>) | undefined;
  let end: (error: Error) => void = () => {};
  let begun = 0;
  return {
    begun: () => begun,
    runs,
    wentBack,
    wake: () => {},
    goBack: (seed) => void wentBack.push(seed),
    async run(given, { seeds, signal }) {
      signal.throwIfAborted();
      begun++;
      runs.push(await seeds());
      signal.throwIfAborted();
      receive = given;
      await new Promise<void>((_, reject) => {
        end = reject;
        signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      });
    },
    async tell(message) {
      while (receive === undefined) await Promise.resolve();
      await receive(message);
    },
    breakDown(error) {
      receive = undefined;
      end(error);
    },
  };
}

/** A channel that follows `main`. */
export const STABLE: PresentChannel = {
  name: "stable",
  source: "defs",
  branch: "main",
  namespace: "default",
  below: [],
};

/** A revision of `main` by number. */
export function revisionOf(version: number): string {
  return `main@sha1:${String(version).padStart(40, "0")}`;
}

/** A generation in which each Workflow has a digest of its own version. */
export function generationOf(
  files: Readonly<Record<string, string>>,
  version: number,
  workflows: Readonly<Record<string, string>>,
): { readonly generation: Generation; readonly content: PublishedContent } {
  const documents = Object.entries(files).flatMap(([path, text]) => readDocuments({ path, text }));
  const { program, documents: published } = textOfProgram(documents, { namespace: "default" });
  const revision = revisionOf(version);
  return {
    generation: {
      revision,
      author: "Tess Ter",
      subject: `Version ${version}`,
      workflows: Object.entries(workflows).map(([name, digest]) => ({
        namespace: "default",
        name,
        crdRef: { apiGroup: "example.com", version: "v1", kind: "Alpha" },
        inForce: { program: program.id, revision, digest, unreadable: [] },
      })),
    },
    content: { programs: [program], documents: published },
  };
}

/** The message that brings a generation. */
export function publicationOf(
  { generation, content }: ReturnType<typeof generationOf>,
): ChannelPublication {
  const status = {
    name: STABLE.name,
    branch: STABLE.branch,
    head: generation.revision.slice(-40),
    definitions: content.documents.length,
    diagnostics: [],
    workflows: [],
  };
  return { type: "channel", channel: STABLE, generation, content, status };
}

/** The record of a channel that holds one generation. */
export function recordOf({ generation, content }: ReturnType<typeof generationOf>): ChannelRecord {
  return { channel: STABLE.name, release: { current: generation, refused: [] }, ...content };
}

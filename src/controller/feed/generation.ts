// SPDX-License-Identifier: Apache-2.0

import type { GatedWorkflow } from "../gate/gate.ts";
import { newestCommit } from "./load_revision.ts";
import type {
  Generation,
  PublishedContent,
  PublishedWorkflow,
} from "../publication/publication.ts";
import { type ProgramText, programText } from "../publication/published_program.ts";
import type { FollowedChannel } from "./followed_channels.ts";

/** A generation with all that it is made of. */
export interface WholeGeneration {
  readonly generation: Generation;
  readonly content: PublishedContent;
}

/** What the gate made of the revision that was loaded last; `undefined` before the first. */
export function generationOf(
  { loaded, gate }: Pick<FollowedChannel, "loaded" | "gate">,
): WholeGeneration | undefined {
  if (loaded === undefined) return undefined;
  const { author, subject } = newestCommit(loaded);
  const texts = new Map<string, ProgramText>();
  const workflows = [...gate.values()].map((workflow) => published(workflow, texts));
  workflows.sort((one, other) => one.name < other.name ? -1 : 1);
  return {
    generation: { revision: loaded.revision, author, subject, workflows },
    content: {
      programs: [...texts.values()].map(({ program }) => program),
      documents: [...new Set([...texts.values()].flatMap(({ documents }) => documents))],
    },
  };
}

function published(
  { inForce, ...workflow }: GatedWorkflow,
  texts: Map<string, ProgramText>,
): PublishedWorkflow {
  if (inForce === undefined) return workflow;
  const { revision, digest, unreadable } = inForce;
  const text = programText(inForce.program);
  const { id } = text.program;
  texts.set(id, text);
  return { ...workflow, inForce: { program: id, revision, digest, unreadable: [...unreadable] } };
}

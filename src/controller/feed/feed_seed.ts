// SPDX-License-Identifier: Apache-2.0

import {
  compileProgram,
  type Program,
  readDocuments,
  type SourceDocument,
} from "../../language/mod.ts";
import type { Layer } from "../channels/channel_content.ts";
import type { FollowStart } from "./channel_follower.ts";
import type { GatedWorkflow, InForceRecord } from "../gate/gate.ts";
import type { FeedSeed, PublishedDocument, PublishedWorkflow } from "../publication/publication.ts";
import { rememberText } from "../publication/published_program.ts";

/** Compiles what seeds were in force with; what two of them share is compiled once. */
export interface SeedCompiler {
  compile(seed: FeedSeed): FollowStart;
}

/** Makes a compiler for the seeds of a start; it keeps what it has read as long as it lives. */
export function createSeedCompiler(): SeedCompiler {
  const documents = new Map<string, readonly SourceDocument[]>();
  const programs = new Map<string, Program>();

  function read({ id, file, line, text }: PublishedDocument): readonly SourceDocument[] {
    const known = documents.get(id);
    if (known !== undefined) return known;
    const made = readDocuments({ path: file, text, firstLine: line });
    documents.set(id, made);
    return made;
  }

  function compileAll({ programs: published, documents: given }: FeedSeed): void {
    const byId = new Map(given.map((document) => [document.id, document]));
    for (const program of published) {
      if (programs.has(program.id)) continue;
      const { namespace, priority } = program;
      const own = [...program.documents, ...program.tests ?? []]
        .flatMap((id) => byId.get(id) ?? []);
      const compiled = compileProgram(own.flatMap(read), {
        defaultNamespace: namespace,
        ...(priority === undefined ? {} : { namespaces: priority }),
        previous: [...programs.values()],
      });
      rememberText(compiled, { program, documents: own });
      programs.set(program.id, compiled);
    }
  }

  return {
    compile(seed) {
      compileAll(seed);
      const { revision, workflows } = seed.generation;
      return {
        inForce: new Map(workflows.map((one) => [one.name, gatedWorkflow(one, programs)])),
        layers: layersOf(revision),
        refused: seed.refused ?? [],
      };
    },
  };
}

function gatedWorkflow(
  { inForce, ...workflow }: PublishedWorkflow,
  programs: ReadonlyMap<string, Program>,
): GatedWorkflow {
  const record = inForce && inForceRecord(inForce, programs);
  return record === undefined ? workflow : { ...workflow, inForce: record };
}

/** Without the Program that it ran from nothing is in force of a Workflow. */
function inForceRecord(
  { program, revision, digest, unreadable }: NonNullable<PublishedWorkflow["inForce"]>,
  programs: ReadonlyMap<string, Program>,
): InForceRecord | undefined {
  const compiled = programs.get(program);
  if (compiled === undefined) return undefined;
  return { program: compiled, revision, digest, unreadable: new Set(unreadable) };
}

/**
 * The layers of a revision: the reverse of `revisionName`.
 *
 * @param revision `beta@sha1:<40 hex>+main@sha1:<40 hex>`, upper layer first
 * @returns In the same order; what is no revision has none
 */
export function layersOf(revision: string): readonly Layer[] {
  return revision.split(/(?<=@sha1:[0-9a-f]{40})\+/).flatMap((layer) => {
    const [, branch, commit] = /^(.*)@sha1:([0-9a-f]{40})$/.exec(layer) ?? [];
    return branch === undefined || commit === undefined ? [] : [{ branch, commit }];
  });
}

/** The branch that a channel followed; a channel of a pattern is there while it is. */
export function seedBranch({ generation }: Pick<FeedSeed, "generation">): readonly string[] {
  return layersOf(generation.revision).slice(0, 1).map(({ branch }) => branch);
}

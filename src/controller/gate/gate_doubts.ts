// SPDX-License-Identifier: Apache-2.0

import { definitionKey, type Diagnostic, type Program } from "../../language/mod.ts";
import { type Candidate, type Fault, testedKeys } from "./gate_faults.ts";

/** What is in force of a Workflow, as far as doubts need it. */
export interface Doubted {
  readonly program: Program;
  readonly digest: string;
  /** Contents that could not be read in its revision either. */
  readonly unreadable: ReadonlySet<string>;
}

/** What cannot be known of a candidate because a file that was readable no longer is. */
export interface CandidateDoubts {
  /** A Workflow that is missing may stand in that file. */
  ofRemoval(name: string, inForce: Doubted): Fault | undefined;
  /**
   * Something that a Workflow reaches, or a test of that, may stand in that file: what a lookup
   * finds in its place, in a namespace of lower priority, is not what its author meant.
   */
  ofWorkflow(name: string, inForce: Doubted): Fault | undefined;
}

/** Looks for doubts in a candidate, once for all its Workflows. */
export function findDoubts(candidate: Candidate): CandidateDoubts {
  const { program, unreadable } = candidate;
  let keys: ReadonlySet<string> | undefined;
  const isPresent = (key: string): boolean => {
    keys ??= new Set(program.definitions.map(({ id }) => definitionKey(id)));
    return keys.has(key);
  };
  const causeFor = ({ unreadable: known }: Doubted) =>
    unreadable.find(({ id }) => !known.has(id))?.diagnostic;
  return {
    ofRemoval(name, inForce) {
      const cause = causeFor(inForce);
      return cause && missing(`Workflow "${name}"`, cause);
    },
    ofWorkflow(name, inForce) {
      const cause = causeFor(inForce);
      if (cause === undefined || program.reachDigest("Workflow", name) === inForce.digest) return;
      const reached = inForce.program.reach("Workflow", name);
      const lost = [...reached, ...testsOf(reached, inForce.program)]
        .find((key) => !isPresent(key));
      return lost === undefined ? undefined : missing(keyText(lost), cause);
    },
  };
}

/** Keys of the tests of what is reached. */
function testsOf(reached: ReadonlySet<string>, program: Program): readonly string[] {
  return program.definitions.flatMap((definition) => {
    if (definition.type !== "FunctionTest") return [];
    const isOurs = testedKeys(program, definition).some((key) => reached.has(key));
    return isOurs ? [definitionKey(definition.id)] : [];
  });
}

/** `Workflow/team-a/web` in a sentence. */
function keyText(key: string): string {
  const [kind, namespace, ...name] = key.split("/");
  return `${kind} "${namespace}/${name.join("/")}"`;
}

function missing(what: string, { message, file, line }: Diagnostic): Fault {
  return { reason: `${what} is missing while a file cannot be read: ${message}`, file, line };
}

// SPDX-License-Identifier: Apache-2.0

import type { ControllerEvent, ControllerObserver, HeldBack } from "../../controller/mod.ts";
import type { Outcome } from "../../language/mod.ts";
import type { CommandIo } from "../command_io.ts";

/** Says what happens while it happens. */
export interface Narrator {
  /** Tells what the controller does. */
  readonly observe: ControllerObserver;
  /** Begins a chapter. */
  chapter(title: string): void;
  line(text: string): void;
  /** Distinct objects that were created so far. */
  readonly objects: number;
  /** Resolves when a revision of a Workflow is held back. */
  untilHeldBack(): Promise<void>;
  /** Resolves at the end of the next run that is `Ok`. */
  untilRunIsOk(): Promise<void>;
}

const MARKS = { create: "+ created", patch: "~ patched", delete: "- deleted" } as const;

/** A narrator that writes to standard output. */
export function createNarrator(io: CommandIo): Narrator {
  const created = new Set<string>();
  const told = new Map<string, string>();
  const heldBack = Promise.withResolvers<void>();
  let runIsOk = Promise.withResolvers<void>();
  let chapters = 0;
  const line = (text: string) => io.stdout(`   ${text}\n`);

  function tellOnce(key: string, text: string): void {
    if (told.get(key) === text) return;
    told.set(key, text);
    line(text);
  }

  function tellHeldBack({ revision, file, line: at, test, case: label, reason }: HeldBack): void {
    line(`held back: ${short(revision)}`);
    line(`  ${file}:${at}`);
    if (test !== undefined) line(`  FunctionTest "${test}", case "${label}"`);
    line(`  ${reason}`);
  }

  function observe(event: ControllerEvent): void {
    switch (event.type) {
      case "step-ended":
        return tellOnce(
          event.step,
          `  step ${event.step.padEnd(11)} ${outcomeText(event.outcome)}`,
        );
      case "object-written": {
        const { kind, namespace = "", name } = event.object;
        if (event.verb === "create") created.add(`${kind} ${namespace} ${name}`);
        const why = event.isHealing ? ", since someone else changed it" : "";
        return line(`${MARKS[event.verb]} ${kind} ${namespace}/${name}${why}`);
      }
      case "definitions-changed":
        if (event.workflows.length === 0) return;
        return line(`in force: ${short(event.revision)} for ${event.workflows.join(", ")}`);
      case "held-back":
        tellHeldBack(event.heldBack);
        return heldBack.resolve();
      case "run-ended":
        return event.outcome.type === "Ok" ? runIsOk.resolve() : undefined;
      default:
        return; // everything else is for logs
    }
  }

  return {
    observe,
    line,
    chapter(title) {
      chapters++;
      told.clear();
      io.stdout(`\n${chapters}. ${title}\n`);
    },
    get objects() {
      return created.size;
    },
    untilHeldBack: () => heldBack.promise,
    untilRunIsOk() {
      runIsOk = Promise.withResolvers<void>();
      return runIsOk.promise;
    },
  };
}

/** A revision with the first digits of its commit. */
function short(revision: string): string {
  return revision.replace(/([0-9a-f]{8})[0-9a-f]{32}/g, "$1");
}

function outcomeText(outcome: Outcome): string {
  if (outcome.type === "Ok" || outcome.message === undefined) return outcome.type;
  return `${outcome.type.padEnd(7)} ${outcome.message}`;
}

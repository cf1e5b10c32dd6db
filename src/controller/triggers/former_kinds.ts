// SPDX-License-Identifier: Apache-2.0

import { isJsonList, memberAt } from "../../language/mod.ts";
import { CLEANUP_FINALIZER, MANAGED_RESOURCES, REVISION } from "../../runtime/mod.ts";
import type { Abortable, Clock, KubernetesObject } from "../../runtime/ports.ts";
import type { FollowedKind, FollowedKinds, FollowedStore } from "../watch/followed_kinds.ts";
import type { KindRecord } from "../record/kind_record.ts";
import { createNap } from "../queue/nap.ts";
import type { KindName } from "../queue/trigger_key.ts";

/** Kinds of triggers that no Workflow has any more. */
export interface FormerKinds {
  /** Reads which kinds were followed before a restart. Ends early when it is aborted. */
  load(options: Abortable): Promise<void>;
  /**
   * Those to go on following: of which some trigger was run, or may have been. Such triggers are
   * told that there is no Workflow (TR-12), and cleaned up after when they are deleted (CL-21).
   */
  toFollow(wanted: readonly FollowedKind[]): readonly FollowedKind[];
  /** Whether a kind is followed for that alone. */
  isFormer(kind: KindName): boolean;
  /** Keeps what is followed up to date in the record until aborted. Never rejects. */
  run(options: Abortable): Promise<void>;
}

/** What looking after them needs. */
export interface FormerKindsOptions {
  readonly kinds: Pick<FollowedKinds, "all">;
  /** Absent: a restart knows nothing of them. */
  readonly record?: KindRecord;
  readonly clock: Clock;
}

/** Makes one that knows of none. */
export function createFormerKinds({ kinds, record, clock }: FormerKindsOptions): FormerKinds {
  const nap = createNap(clock);
  /** Recorded before the start, and not looked at so far. */
  let recorded: readonly KindName[] = [];
  let [followed, written]: [readonly KindName[], string] = [[], ""];
  let former: ReadonlyMap<string, FollowedKind> = new Map();

  return {
    async load(to) {
      try {
        recorded = await record?.load(to) ?? [];
        written = textOf(recorded);
      } catch (error) {
        if (!to.signal.aborted) throw error;
      }
    },
    toFollow(wanted) {
      const triggers = wanted.filter(isTrigger);
      const names = new Set(triggers.map(nameOf));
      const known = [...kinds.all()].filter(({ followed }) =>
        isTrigger(followed) && !names.has(nameOf(followed))
      );
      const unseen = recorded.filter((kind) => !names.has(nameOf(kind)));
      recorded = [];
      former = new Map([
        ...unseen.map((kind): FollowedKind => ({ ...kind, role: "trigger" })),
        ...known.filter(mayHaveRun).map((each) => each.followed),
      ].map((kind) => [nameOf(kind), kind]));
      followed = [...triggers, ...former.values()];
      if (textOf(followed) !== written) nap.end();
      return [...former.values()];
    },
    isFormer: (kind) => former.has(nameOf(kind)),
    async run(to) {
      while (record !== undefined && !to.signal.aborted) {
        const text = textOf(followed);
        try {
          if (text === written) await nap.until(Infinity, to);
          else await record.save(followed, to);
          if (text !== written) written = text;
        } catch (error) {
          // The abort is how it ends.
          if (!to.signal.aborted) throw error;
        }
      }
    },
  };
}

/** Before a list is complete nobody knows; of a kind that is not served there is no object. */
function mayHaveRun({ store, hasListed, health }: FollowedStore): boolean {
  return hasListed ? store.objects().some(hasRun) : health !== "notServed";
}

function hasRun({ metadata }: KubernetesObject): boolean {
  const { finalizers } = metadata;
  return isJsonList(finalizers) && finalizers.includes(CLEANUP_FINALIZER) ||
    [MANAGED_RESOURCES, REVISION].some((key) =>
      memberAt(metadata, "annotations", key) !== undefined
    );
}

function isTrigger({ role }: FollowedKind): boolean {
  return role === "trigger";
}

function nameOf({ apiVersion, kind }: KindName): string {
  return `${apiVersion} ${kind}`;
}

function textOf(kinds: readonly KindName[]): string {
  return kinds.map(nameOf).sort().join("\n");
}

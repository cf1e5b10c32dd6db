// SPDX-License-Identifier: Apache-2.0

import { memberAt } from "../../language/mod.ts";
import type { Abortable, KubernetesObject } from "../../runtime/ports.ts";
import { CONFIG_MAPS, nameOf, RECORD_LABEL } from "./record_maps.ts";
import type { RecordPlace } from "./record_place.ts";
import type { KindName } from "../queue/trigger_key.ts";

/**
 * Keeps which kinds of triggers are followed where a restart finds it: a kind that no Workflow has
 * any more is in no channel, and its triggers may still have to be cleaned up after (CL-21).
 *
 * Tries again by itself while the cluster is away; rejects with the reason of the abort.
 */
export interface KindRecord {
  /** The kinds that were recorded last; empty when none were. */
  load(options: Abortable): Promise<readonly KindName[]>;
  /** Records these in place of those before. */
  save(kinds: readonly KindName[], options: Abortable): Promise<void>;
}

const NAME = "koreo-record-kinds";
const KEY = "kinds";
const LINE = /^(\S+) (\S+)$/;

/** Keeps them in a ConfigMap, one a line. */
export function createKindRecord({ place }: { readonly place: RecordPlace }): KindRecord {
  const find = async (to: Abortable): Promise<KubernetesObject | undefined> =>
    (await place.list(["kinds"], to)).find((found) => nameOf(found) === NAME);

  async function write(kinds: readonly KindName[], to: Abortable): Promise<void> {
    const lines = kinds.map(({ apiVersion, kind }) => `${apiVersion} ${kind}\n`).sort();
    const { apiVersion, kind } = CONFIG_MAPS;
    const metadata = { name: NAME, labels: { [RECORD_LABEL]: "kinds" } };
    const data = { [KEY]: lines.join("") };
    const isThere = await find(to) !== undefined;
    if (isThere) await place.change(NAME, { data }, to);
    else await place.create({ apiVersion, kind, metadata, data }, to);
  }

  return {
    load: async (to) => (await place.attempt(async () => kindsOf(await find(to)), to)) ?? [],
    async save(kinds, to) {
      await place.attempt(() => write(kinds, to), to);
    },
  };
}

/** Lines that name no kind are passed over: whatever stands there, nothing else depends on it. */
function kindsOf(found: KubernetesObject | undefined): readonly KindName[] {
  const text = memberAt(found, "data", KEY);
  if (typeof text !== "string") return [];
  return text.split("\n").flatMap((line) => {
    const [, apiVersion, kind] = LINE.exec(line) ?? [];
    return apiVersion === undefined || kind === undefined ? [] : [{ apiVersion, kind }];
  });
}

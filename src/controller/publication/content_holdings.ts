// SPDX-License-Identifier: Apache-2.0

import { createHoldings, type HoldingsChange } from "./holdings.ts";
import type { PublishedProgram } from "./publication.ts";

/** The Programs that several owners hold in common, and with them the documents of these. */
export interface ContentHoldings {
  /** From now on an owner holds these Programs. Tells ids of Programs and of documents. */
  replace(owner: string, programs: readonly PublishedProgram[]): HoldingsChange;
}

/**
 * Makes holdings of nobody.
 *
 * Owners hold Programs, and these hold documents: most releases change neither, and whoever moves on
 * to a Program that another one has costs nothing for the thousands of its documents.
 */
export function createContentHoldings(): ContentHoldings {
  const programsOf = createHoldings();
  const documentsOf = createHoldings();
  return {
    replace(owner, programs) {
      const { added, dropped } = programsOf.replace(owner, programs.map(({ id }) => id));
      const change = { added: new Set(added), dropped: new Set(dropped) };
      for (const { id, documents, tests = [] } of programs) {
        if (!added.has(id)) continue;
        const held = documentsOf.replace(id, [...documents, ...tests]);
        for (const document of held.added) change.added.add(document);
      }
      // After what is added: what both have is kept.
      for (const id of dropped) {
        for (const document of documentsOf.replace(id, []).dropped) change.dropped.add(document);
      }
      return change;
    },
  };
}

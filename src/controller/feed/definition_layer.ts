// SPDX-License-Identifier: Apache-2.0

import type { DefinitionId } from "../../language/mod.ts";
import type { InForce } from "../channels/channels.ts";
import type { Layer } from "../channels/channel_content.ts";
import { layerHeight } from "../publication/program_layers.ts";
import { layersOf } from "./feed_seed.ts";

/**
 * Tells which branch each definition of a revision is taken from, and at which commit.
 *
 * @param from The Program as a channel holds it, and the revision that it was made from
 * @returns Finds the layer of a definition; `undefined` of one that the revision has none for
 */
export function layersIn(
  from: Pick<InForce, "program" | "revision">,
): (id: DefinitionId) => Layer | undefined {
  const { program, revision } = from;
  const lowerFirst = layersOf(revision).toReversed();
  return (id) => lowerFirst[layerHeight(program, id)];
}

// SPDX-License-Identifier: Apache-2.0

import { chooseWorkflow } from "../../../src/controller/channels/channel_lookup.ts";
import type { ChannelState } from "../../../src/controller/channels/channels.ts";
import type { ChannelInForce } from "../../../src/controller/registry/release_registry.ts";
import { channelOf } from "../../../src/controller/triggers/trigger_channel.ts";
import type { RaceWorld } from "../feed/race_world.ts";
import { KINDS } from "./chain_content.ts";

/** What the triggers of a channel run from at one moment. */
export interface Picture {
  readonly inForce: ChannelInForce | undefined;
  /** How Workflows behave for triggers that are in no canary, and for those that are. */
  readonly digests: Readonly<Record<"outside" | "inside", ReadonlyMap<string, string>>>;
  /** The Workflow of each trigger; of those that get none what they are told. */
  readonly choices: ReadonlyMap<string, Choice>;
}

/** What a trigger gets. */
export type Choice =
  | { readonly type: "chosen"; readonly name: string; readonly revision: string }
  | { readonly type: "failed"; readonly message: string };

/** Some of them are in the share of a canary of 50 %, some are not. */
const TRIGGERS = KINDS.flatMap((kind) =>
  ["one", "two", "three", "four"].map((name) => ({ kind, name }))
);

/** Looks at a channel as the controller does. */
export function pictureOf(world: RaceWorld, channel: string): Picture {
  const inForce = world.registry().inForce(channel);
  return {
    inForce,
    digests: {
      outside: digestsIn(inForce?.current),
      inside: digestsIn(inForce?.candidate ?? inForce?.current),
    },
    choices: new Map(
      TRIGGERS.map((
        { kind, name },
      ) => [`${kind}/${name}`, choiceOf(world, channel, { kind, name })]),
    ),
  };
}

function choiceOf(
  world: RaceWorld,
  channel: string,
  { kind, name }: { readonly kind: string; readonly name: string },
): Choice {
  const labels = { "koreo.dev/channel": channel };
  const trigger = {
    apiVersion: "example.com/v1",
    kind,
    metadata: { name, namespace: "n", labels },
  };
  const { state } = channelOf(world.registry(), trigger, undefined);
  if (state === undefined) return { type: "failed", message: "no such channel" };
  const found = chooseWorkflow(state, trigger);
  return found.type === "chosen"
    ? { type: "chosen", name: found.workflow.id.name, revision: found.revision }
    : { type: "failed", message: JSON.stringify(found) };
}

/** How Workflows that are in force behave, by name. */
export function digestsIn(state: ChannelState | undefined): ReadonlyMap<string, string> {
  return new Map(
    (state?.workflows() ?? []).flatMap(({ name, inForce }) =>
      inForce === undefined ? [] : [[name, inForce.program.reachDigest("Workflow", name)]]
    ),
  );
}

// SPDX-License-Identifier: Apache-2.0

import { withTimeout } from "../../runtime/mod.ts";
import type { Abortable, Clock, Packer } from "../../runtime/ports.ts";
import type { EventObject } from "../events/controller_event.ts";
import { CONFIG_MAPS, nameOf, recordHeadName } from "./record_maps.ts";
import type { RecordPlace } from "./record_place.ts";

/** What telling the heads of channels takes. */
export interface HeadObjectsOptions {
  /** Where the record lies. */
  readonly place: RecordPlace;
  /** Names heads. */
  readonly packer: Packer;
  /** For how long a uid is believed, and waited for. */
  readonly clock: Clock;
}

/** The head of the record of a channel, as Events are about it. Never rejects. */
export type HeadObjects = (channel: string, options: Abortable) => Promise<EventObject>;

/** How long what was found is believed; so long for a head that was not. */
const LOOK_MS = 30_000;
const MISSING_MS = 1_000;
const TIMEOUT_MS = 5_000;

/**
 * Finds the heads of channels with their uids: `kubectl describe` shows the Events of an object by
 * its uid, and leaves out those without. Of a head that is not there, or cannot be asked for, the
 * name alone is told.
 */
export function createHeadObjects({ place, packer, clock }: HeadObjectsOptions): HeadObjects {
  let found: ReadonlyMap<string, string> = new Map();
  let at = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | undefined;

  async function look({ signal }: Abortable): Promise<void> {
    at = clock.now();
    const heads = await withTimeout(
      (inner) => place.list(["channel"], { ...inner, metadataOnly: true }),
      { clock, signal, requestTimeoutMs: TIMEOUT_MS },
    );
    found = new Map(heads.map((head) => [nameOf(head), String(head.metadata["uid"] ?? "")]));
  }

  async function uidOf(name: string, options: Abortable): Promise<string> {
    const believedMs = found.has(name) ? LOOK_MS : MISSING_MS;
    if (looking === undefined && clock.now() - at >= believedMs) {
      // An Event without a uid is better than none: what it is about is named all the same.
      looking = look(options).catch(() => {}).finally(() => looking = undefined);
    }
    await looking;
    return found.get(name) ?? "";
  }

  return async (channel, options) => {
    const name = await recordHeadName(channel, packer);
    const uid = await uidOf(name, options);
    const { apiVersion, kind } = CONFIG_MAPS;
    const object = { apiVersion, kind, namespace: place.namespace, name };
    return uid === "" ? object : { ...object, uid };
  };
}

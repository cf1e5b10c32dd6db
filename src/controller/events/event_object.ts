// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../../language/mod.ts";
import { rfc3339 } from "../../runtime/mod.ts";
import type { KubernetesObject, ResourcePath } from "../../runtime/ports.ts";
import type { EventObject } from "./controller_event.ts";
import { EVENT_REASONS, type EventNote } from "./event_note.ts";

/** Where Events are written. */
export const EVENTS: ResourcePath = {
  apiVersion: "events.k8s.io/v1",
  kind: "Event",
  plural: "events",
};

/** Who writes the Events. */
const REPORTING_CONTROLLER = "koreo.dev/reconciler";

/** What an Event says besides its note. */
export interface EventStamp {
  /** Which process: the name of its pod. */
  readonly instance: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** What makes its name another one than that of every other Event. */
  readonly suffix: string;
}

/** Most bytes of a note that the API takes. */
const MAX_NOTE_BYTES = 1_024;
const MAX_INSTANCE = 128;
const MAX_NAME = 253;

/** The Event of a note. */
export function eventObject(
  note: EventNote,
  { instance, at, suffix }: EventStamp,
): KubernetesObject {
  const { reason, regarding, related } = note;
  return {
    apiVersion: EVENTS.apiVersion,
    kind: EVENTS.kind,
    metadata: { name: eventName(regarding.name, suffix), namespace: eventNamespace(regarding) },
    eventTime: microTime(at),
    reportingController: REPORTING_CONTROLLER,
    reportingInstance: instance.slice(0, MAX_INSTANCE),
    type: EVENT_REASONS[reason][0],
    reason,
    action: "Reconcile",
    note: shortened(note.note, MAX_NOTE_BYTES),
    regarding: reference(regarding),
    ...(related === undefined ? {} : { related: reference(related) }),
  };
}

/** The merge patch that says how often an Event has happened. */
export function seriesPatch(count: number, at: number): JsonObject {
  return { series: { count, lastObservedTime: microTime(at) } };
}

/** Events about what lies in no namespace lie in `default`: the API wants it so. */
export function eventNamespace({ namespace = "default" }: EventObject): string {
  return namespace;
}

function eventName(name: string, suffix: string): string {
  const head = name.slice(0, MAX_NAME - suffix.length - 1).replace(/[^a-z0-9]+$/, "");
  return head === "" ? suffix : `${head}.${suffix}`;
}

function reference({ apiVersion, kind, namespace, name, uid }: EventObject): JsonObject {
  return {
    apiVersion,
    kind,
    name,
    ...(namespace === undefined ? {} : { namespace }),
    ...(uid === undefined ? {} : { uid }),
  };
}

function microTime(at: number): string {
  const micros = String(at - Math.floor(at / 1000) * 1000).padStart(3, "0") + "000";
  return rfc3339(at).replace("Z", `.${micros}Z`);
}

/** The text in so many bytes of UTF-8, never with half a character. */
function shortened(text: string, maxBytes: number): string {
  const encoder = new TextEncoder();
  if (encoder.encode(text).length <= maxBytes) return text;
  const ending = "…";
  const room = new Uint8Array(maxBytes - encoder.encode(ending).length);
  const { read } = encoder.encodeInto(text, room);
  return text.slice(0, read) + ending;
}

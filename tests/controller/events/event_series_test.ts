// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import type { EventNote } from "../../../src/controller/events/event_note.ts";
import { createEventSeries } from "../../../src/controller/events/event_series.ts";

const MINUTE = 60_000;

function note(text: string, name = "one"): EventNote {
  const regarding = { apiVersion: "example.dev/v1", kind: "Site", namespace: "team-a", name };
  return { reason: "Waiting", note: text, regarding };
}

/** Decides one note after the other, and lets each new Event be written. */
function deciding() {
  const series = createEventSeries();
  let written = 0;
  return (text: string, at: number, name?: string): string => {
    const decision = series.decide(note(text, name), at);
    if (decision.type === "create") series.created(decision.key, `event-${++written}`);
    return decision.type === "repeat" ? `${decision.name}: ${decision.count}` : decision.type;
  };
}

Deno.test("equal Events are one series, whose count is written once a minute at most", () => {
  const decide = deciding();
  deepEqual(
    [0, 1, 2, 3, MINUTE, MINUTE + 1, 3 * MINUTE].map((at) => decide("the same", at)),
    ["create", "event-1: 2", "count", "count", "count", "event-1: 6", "event-1: 7"],
  );
});

Deno.test("an Event that comes after a long silence is a new one", () => {
  const decide = deciding();
  equal(decide("the same", 0), "create");
  equal(decide("the same", 10 * MINUTE), "event-1: 2");
  equal(decide("the same", 21 * MINUTE), "create");
});

Deno.test("Events that say something else, or of another trigger, are series of their own", () => {
  const decide = deciding();
  deepEqual(
    [decide("one thing", 0), decide("another", 0), decide("one thing", 0, "two")],
    ["create", "create", "create"],
  );
});

Deno.test("a trigger has 25 Events at once, then one in five minutes; others are not touched", () => {
  const decide = deciding();
  const first = Array.from({ length: 30 }, (_, index) => decide(`thing ${index}`, 0));
  deepEqual(first.map((decided) => decided === "create"), [
    ...Array<boolean>(25).fill(true),
    ...Array<boolean>(5).fill(false),
  ]);
  equal(decide("other", 0, "two"), "create");
  equal(decide("later", 5 * MINUTE), "create");
  equal(decide("later still", 5 * MINUTE), "drop");
});

Deno.test("what is counted while a trigger may have no Event is told with the next one", () => {
  const decide = deciding();
  for (let index = 0; index < 25; index++) decide(`thing ${index}`, 0);
  equal(decide("thing 0", 1), "count");
  equal(decide("thing 0", 2), "count");
  equal(decide("thing 0", 5 * MINUTE), "event-1: 4");
});

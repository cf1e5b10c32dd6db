// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { createReadingWatch } from "../../src/cli/reading_watch.ts";

const reads = (channel: string) => ({ fields: { channel, reads: `${channel}@sha1:1` } });

Deno.test("What a Worker was reading when it ended comes last for the next one", () => {
  const watch = createReadingWatch();
  deepEqual([watch.text, watch.beginAnew()], ["", []]);
  watch.noteLog(reads("good"));
  watch.noteMessage({ type: "gone", channel: "good" });
  watch.noteLog(reads("big"));
  watch.noteLog({ fields: { revision: "big@sha1:1" } });
  equal(watch.text, ' (it began to read "big@sha1:1" of channel "big" last)');
  deepEqual([watch.beginAnew(), watch.text], [["big"], ""]);
  watch.noteLog(reads("good"));
  watch.noteMessage({ type: "gone", channel: "good" });
  watch.noteLog(reads("large"));
  deepEqual(watch.beginAnew(), ["big", "large"]);
  watch.noteLog(reads("big"));
  watch.noteMessage({ type: "gone", channel: "big" });
  deepEqual(watch.beginAnew(), ["large"]);
});

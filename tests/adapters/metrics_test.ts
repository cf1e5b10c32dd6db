// SPDX-License-Identifier: Apache-2.0

import { equal, match, throws } from "node:assert/strict";
import { createMetrics } from "../../src/adapters/metrics.ts";
import { METRICS } from "../../src/controller/mod.ts";

const TWO = {
  calls_total: { type: "counter", help: "Calls", labels: ["verb"] },
  depth: { type: "gauge", help: "Depth", labels: ["state"] },
  time_seconds: { type: "histogram", help: "Time", labels: [], buckets: [0.1, 1] },
} as const;

Deno.test("metrics stand on a page that Prometheus reads", async () => {
  const { sink, page, contentType } = createMetrics(TWO);
  sink.add("calls_total", { verb: 'a "b"\n' });
  sink.add("calls_total", { verb: 'a "b"\n' }, 2);
  sink.set("depth", { state: "ready" }, 4);
  sink.observe("time_seconds", {}, 0.5);
  match(contentType, /^text\/plain; version=0\.0\.4/);
  const lines = (await page()).split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  equal(
    lines.join("\n"),
    [
      'calls_total{verb="a \\"b\\"\\n"} 3',
      'depth{state="ready"} 4',
      'time_seconds_bucket{le="0.1"} 0',
      'time_seconds_bucket{le="1"} 1',
      'time_seconds_bucket{le="+Inf"} 1',
      "time_seconds_sum 0.5",
      "time_seconds_count 1",
    ].join("\n"),
  );
});

Deno.test("a gauge whose labels come and go is cleared", async () => {
  const { sink, page } = createMetrics(TWO);
  sink.set("depth", { state: "old" }, 4);
  sink.clear("depth");
  sink.set("depth", { state: "new" }, 1);
  equal((await page()).includes("old"), false);
});

Deno.test("a metric that is not defined is a fault of ours", () => {
  const { sink } = createMetrics(TWO);
  throws(() => sink.add("depth", {}), TypeError);
});

Deno.test("what is defined is named as Prometheus wants it, and all of it is on the page", async () => {
  const page = await createMetrics(METRICS).page();
  for (const [name, { type, help, labels }] of Object.entries(METRICS)) {
    match(name, /^(koreo|process)_[a-z]+(_[a-z]+)*$/);
    equal(name.endsWith("_total"), type === "counter", name);
    if (type === "histogram") match(name, /_seconds$/);
    equal(page.includes(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`), true, name);
    for (const label of labels) match(label, /^[a-z]+$/);
  }
});

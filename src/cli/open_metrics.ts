// SPDX-License-Identifier: Apache-2.0

import { processLoad, watchEventLoop } from "../adapters/process_load.ts";
import { systemClock } from "../adapters/system.ts";
import {
  collectMetrics,
  type Controller,
  type ControllerObserver,
  type ControllerRegistry,
  createMetricsObserver,
  type MetricName,
  METRICS,
} from "../controller/mod.ts";
import type { MetricSink } from "../runtime/ports.ts";

/** What the page of metrics tells of. */
export interface MeasuredController {
  readonly controller: Pick<Controller, "status">;
  readonly registry: Pick<ControllerRegistry, "status">;
}

/** Metrics of a controller. */
export interface OpenedMetrics extends Disposable {
  readonly observe: ControllerObserver;
  /** What Prometheus reads. */
  page(measured: MeasuredController): Promise<Response>;
}

/** Begins to measure. The library is loaded here: without metrics nobody pays for it. */
export async function openMetrics(): Promise<OpenedMetrics> {
  const { createMetrics } = await import("../adapters/metrics.ts");
  const { sink, contentType, page } = createMetrics(METRICS);
  const startedAt = systemClock.now() / 1000;
  const watch = watchEventLoop((seconds) => sink.observe(OWN.loopDelay, {}, seconds));
  const measureProcess = createProcessMeasure(sink, startedAt);
  return {
    observe: createMetricsObserver(sink),
    async page({ controller, registry }) {
      collectMetrics(sink, { controller: controller.status(), registry: registry.status() });
      measureProcess();
      return new Response(await page(), { headers: { "content-type": contentType } });
    },
    [Symbol.dispose]: () => watch[Symbol.dispose](),
  };
}

/** What the process itself measures. */
const OWN = {
  loopDelay: "koreo_event_loop_delay_seconds",
  resident: "process_resident_memory_bytes",
  cpu: "process_cpu_seconds_total",
  start: "process_start_time_seconds",
} as const satisfies Readonly<Record<string, MetricName>>;

function createProcessMeasure(sink: MetricSink, startedAt: number): () => void {
  let counted = 0;
  return () => {
    const { residentBytes, cpuSeconds } = processLoad();
    sink.set(OWN.resident, {}, residentBytes);
    sink.set(OWN.start, {}, startedAt);
    sink.add(OWN.cpu, {}, Math.max(0, cpuSeconds - counted));
    counted = Math.max(counted, cpuSeconds);
  };
}

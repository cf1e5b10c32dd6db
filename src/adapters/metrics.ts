// SPDX-License-Identifier: Apache-2.0

import { Counter, Gauge, Histogram, Registry } from "prom-client";
import type { MetricDefinition, MetricSink } from "../runtime/ports.ts";

/** Metrics, and the page that Prometheus reads. */
export interface Metrics {
  readonly sink: MetricSink;
  readonly contentType: string;
  /** The values of now. */
  page(): Promise<string>;
}

/** Makes metrics without values. A registry of their own: nothing else is on the page. */
export function createMetrics(
  definitions: Readonly<Record<string, MetricDefinition>>,
): Metrics {
  const registry = new Registry();
  const [counters, gauges, histograms] = [
    new Map<string, Counter>(),
    new Map<string, Gauge>(),
    new Map<string, Histogram>(),
  ];
  for (const [name, { type, help, labels, buckets = [] }] of Object.entries(definitions)) {
    const settings = { name, help, labelNames: [...labels], registers: [registry] };
    if (type === "counter") counters.set(name, new Counter(settings));
    else if (type === "gauge") gauges.set(name, new Gauge(settings));
    else histograms.set(name, new Histogram({ ...settings, buckets: [...buckets] }));
  }
  return {
    contentType: registry.contentType,
    page: () => registry.metrics(),
    sink: {
      add: (name, labels, by = 1) => known(counters, name).inc(labels, by),
      set: (name, labels, value) => known(gauges, name).set(labels, value),
      observe: (name, labels, value) => known(histograms, name).observe(labels, value),
      clear: (name) => known(gauges, name).reset(),
    },
  };
}

function known<T>(metrics: ReadonlyMap<string, T>, name: string): T {
  const found = metrics.get(name);
  if (found === undefined) throw new TypeError(`Cannot measure "${name}": there is no such metric`);
  return found;
}

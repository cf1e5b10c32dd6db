// SPDX-License-Identifier: Apache-2.0

/** Requests that an API server has answered, by verb. */
export type RequestCounts = ReadonlyMap<string, number>;

/**
 * Reads `apiserver_request_total` for some resources. Watches are left out: the server counts one
 * when it ends.
 *
 * @param metrics What `kubectl get --raw /metrics` prints
 */
export function countRequests(metrics: string, resources: ReadonlySet<string>): RequestCounts {
  const counts = new Map<string, number>();
  for (const line of metrics.split("\n")) {
    const [, labels = "", value] = /^apiserver_request_total\{(.*)\} (\S+)$/.exec(line) ?? [];
    if (value === undefined) continue;
    const verb = label(labels, "verb");
    const resource = label(labels, "resource");
    if (verb === "WATCH" || !resources.has(resource)) continue;
    counts.set(verb, (counts.get(verb) ?? 0) + Number(value));
  }
  return counts;
}

/** How many more of each verb there are; verbs without any more are left out. */
export function difference(before: RequestCounts, after: RequestCounts): RequestCounts {
  const more = [...after].map(([verb, count]) => [verb, count - (before.get(verb) ?? 0)] as const);
  return new Map(more.filter(([, count]) => count > 0));
}

/** All of them. */
export function total(counts: RequestCounts): number {
  return [...counts.values()].reduce((sum, count) => sum + count, 0);
}

function label(labels: string, name: string): string {
  return new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
}

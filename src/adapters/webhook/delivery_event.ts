// SPDX-License-Identifier: Apache-2.0

/** What a delivery is about: refs that may have moved, a test of the connection, anything else. */
export type DeliveryEvent = "refs" | "ping" | "other";

/** The header in which a sender names the event, and the names that matter. */
const SENDERS: readonly { readonly header: string; readonly refs: RegExp }[] = [
  { header: "x-github-event", refs: /^(?:push|create|delete)$/ },
  { header: "x-gitlab-event", refs: /^(?:Push Hook|Tag Push Hook|System Hook)$/ },
  { header: "x-gitea-event", refs: /^(?:push|create|delete)$/ },
  { header: "x-forgejo-event", refs: /^(?:push|create|delete)$/ },
  { header: "x-event-key", refs: /^repo:(?:push|refs_changed)$/ },
];

const PING = /^(?:ping|diagnostics:ping)$/;

/**
 * What a delivery is about, from its headers alone: the body is never read as anything but bytes.
 *
 * @returns `refs` also when the sender names no event
 */
export function deliveryEvent(headers: Headers): DeliveryEvent {
  for (const { header, refs } of SENDERS) {
    const event = headers.get(header);
    if (event === null) continue;
    if (PING.test(event)) return "ping";
    return refs.test(event) ? "refs" : "other";
  }
  return "refs";
}

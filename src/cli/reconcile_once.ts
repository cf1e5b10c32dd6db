// SPDX-License-Identifier: Apache-2.0

import type { Controller, WatchHealth } from "../controller/mod.ts";
import { firstNamed } from "../language/mod.ts";
import { ClusterError } from "../runtime/ports.ts";
import { type CommandIo, EXIT } from "./command_io.ts";
import { durationText } from "./duration.ts";
import type { ReconcileSettings } from "./reconcile_settings.ts";
import type { Reconciler } from "./wire_reconciler.ts";

/**
 * Reconciles until every trigger is settled or failed for good, and says how many objects that were.
 *
 * @returns 0; 1 when triggers are not settled in time, 3 when the cluster or the repository is why
 * @throws {RepositoryError} If the repository cannot be used, and waiting does not mend it
 * @throws {ClusterError} If triggers may not be seen
 */
export async function reconcileOnce(
  reconciler: Reconciler,
  { timeoutMs }: Pick<ReconcileSettings, "timeoutMs">,
  io: CommandIo,
): Promise<number> {
  // A signal with a timer of its own would keep the process until that is over.
  const timeout = new AbortController();
  const timer = setTimeout(() => timeout.abort(), timeoutMs);
  const signal = AbortSignal.any([timeout.signal, io.signal]);
  try {
    await reconciler.runOnce({ signal });
    checkPermissions(reconciler);
    io.stdout(`${reconciler.controller.status().managedObjects} objects reconciled\n`);
    return EXIT.fine;
  } catch (error) {
    if (!signal.aborted) throw error;
    const when = io.signal.aborted
      ? "before the process was asked to end"
      : `within ${durationText(timeoutMs)}`;
    io.stderr(`error: ${unsettledText(reconciler, when)}\n`);
    return isWorldAway(reconciler) ? EXIT.world : EXIT.findings;
  } finally {
    clearTimeout(timer);
  }
}

/** Triggers that may not be seen would pass for none at all. */
function checkPermissions({ controller }: Reconciler): void {
  const forbidden = triggerKinds(controller, "forbidden");
  if (forbidden.length === 0) return;
  const what = forbidden.join(", ");
  throw new ClusterError(
    "refused",
    `Cannot reconcile ${what}: missing permission to list and watch`,
  );
}

function triggerKinds(controller: Controller, ...healths: readonly WatchHealth[]) {
  return controller.status().watches
    .filter(({ role, health }) => role === "trigger" && healths.includes(health))
    .map(({ kind, apiVersion }) => `${kind} (${apiVersion})`);
}

/** Whether it is not the definitions that kept triggers from being settled. */
function isWorldAway({ controller, registry }: Reconciler): boolean {
  return registry.status().lastError !== undefined || !controller.status().isReady ||
    triggerKinds(controller, "unavailable").length > 0;
}

function unsettledText({ controller, registry }: Reconciler, when: string): string {
  const { isReady, watches } = controller.status();
  const { lastError } = registry.status();
  if (lastError !== undefined) return `Cannot reconcile ${when}: ${lastError.message}`;
  if (!isReady && watches.length === 0) {
    return `Cannot reconcile ${when}: neither the record nor the repository said what is in force`;
  }
  if (!isReady) return `Cannot reconcile ${when}: the cluster did not list what is to be watched`;
  const away = triggerKinds(controller, "unavailable");
  if (away.length > 0) {
    return `Cannot reconcile ${when}: the cluster does not list ${away.join(", ")}`;
  }
  return `Cannot settle every trigger ${when}: ${dueText(controller.unsettled())}`;
}

/** So many triggers are named. */
const MAX_NAMED = 5;

function dueText(triggers: readonly string[]): string {
  const count = triggers.length;
  const names = firstNamed(triggers, MAX_NAMED);
  return `${count} still ${count === 1 ? "has" : "have"} a run due: ${names}`;
}

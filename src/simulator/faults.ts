// SPDX-License-Identifier: Apache-2.0

import type { JsonValue } from "../language/mod.ts";
import { type Abortable, type Clock, ClusterError } from "../runtime/ports.ts";
import { expired, StatusError } from "./status_error.ts";
import { unreachable } from "../language/mod.ts";

/** One request to the simulated cluster. */
export interface ClusterCall {
  /** What was asked for. */
  readonly verb:
    | "discover"
    | "get"
    | "list"
    | "watch"
    | "create"
    | "update"
    | "patch"
    | "delete"
    | "deletecollection";
  /** `v1`, `apps/v1`. */
  readonly apiVersion: string;
  /** Kind of the objects. */
  readonly kind: string;
  /** Absent for all namespaces and for cluster-scoped kinds. */
  readonly namespace?: string;
  /** Absent where several objects are meant, and where the server makes the name. */
  readonly name?: string;
  /** `status`, when it is not the object itself. */
  readonly subresource?: string;
  /** What was sent: the object, the patch, the options of a deletion. */
  readonly body?: JsonValue;
}

/** What happens to a call instead of, or before, its ordinary answer. */
export type FaultEffect =
  /** The server refuses. */
  | {
    readonly type: "refuse";
    readonly status: number;
    readonly reason?: string;
    readonly message?: string;
    readonly retryAfterSeconds?: number;
  }
  /** 410: for a watch or a continued list. */
  | { readonly type: "expire" }
  /** No connection; with `afterEffect` the call is carried out and its answer lost. */
  | { readonly type: "cut"; readonly afterEffect?: boolean }
  /** No answer for this long, then the caller's time-out; with `afterEffect` it is carried out. */
  | { readonly type: "timeout"; readonly afterMs: number; readonly afterEffect?: boolean }
  /** The ordinary answer, this much later. */
  | { readonly type: "delay"; readonly delayMs: number };

/** Which calls a fault strikes. */
export interface FaultRule {
  /** Default: every call. */
  readonly matches?: (call: ClusterCall) => boolean;
  /** Strikes first at the n-th matching call, counted from 1; default 1. */
  readonly nth?: number;
  /** Strikes this many matching calls in a row; default 1, `Infinity` until it is removed. */
  readonly times?: number;
  /** What happens to a call that is struck. */
  readonly effect: FaultEffect;
}

/** A rule in force. */
export interface InjectedFault {
  /** Calls struck so far. */
  readonly struck: number;
  /** Takes the rule back. */
  remove(): void;
}

/** Faults to come. */
export interface Faults {
  /** Adds a rule. Of several that match a call the first added one strikes. */
  inject(rule: FaultRule): InjectedFault;
  /** Removes every rule. */
  clear(): void;
}

/** Carries out a call, or lets a fault have it. */
export type Intercept = <T>(
  call: ClusterCall,
  options: Abortable,
  perform: () => T,
) => Promise<T>;

/** Faults and the interception that lets them strike. */
export function createFaults(
  clock: Clock,
): { readonly faults: Faults; readonly intercept: Intercept } {
  const rules = new Set<ActiveRule>();
  return {
    faults: {
      inject(rule) {
        const active: ActiveRule = { rule, seen: 0, struck: 0 };
        rules.add(active);
        return {
          get struck() {
            return active.struck;
          },
          remove: () => void rules.delete(active),
        };
      },
      clear: () => rules.clear(),
    },
    async intercept(call, options, perform) {
      options.signal.throwIfAborted();
      const effect = strike(rules, call);
      if (effect === undefined) return perform();
      return await suffer(clock, effect, { signal: options.signal, perform });
    },
  };
}

interface ActiveRule {
  readonly rule: FaultRule;
  seen: number;
  struck: number;
}

function strike(rules: Set<ActiveRule>, call: ClusterCall): FaultEffect | undefined {
  for (const active of rules) {
    const { matches, nth = 1, times = 1, effect } = active.rule;
    if (matches !== undefined && !matches(call)) continue;
    active.seen++;
    if (active.seen < nth || active.struck >= times) continue;
    active.struck++;
    if (active.struck >= times) rules.delete(active);
    return effect;
  }
  return undefined;
}

async function suffer<T>(
  clock: Clock,
  effect: FaultEffect,
  { signal, perform }: Abortable & { readonly perform: () => T },
): Promise<T> {
  switch (effect.type) {
    case "refuse":
      throw new StatusError(
        effect.status,
        effect.reason ?? "",
        effect.message ?? `injected fault: status ${effect.status}`,
        effect.retryAfterSeconds === undefined
          ? {}
          : { retryAfterSeconds: effect.retryAfterSeconds },
      );
    case "expire":
      throw expired("too old resource version: injected fault");
    case "cut":
      if (effect.afterEffect) perform();
      throw new ClusterError("unreachable", "connection cut: injected fault");
    case "timeout":
      if (effect.afterEffect) perform();
      await clock.sleep(effect.afterMs, { signal });
      throw new ClusterError("timeout", `no answer within ${effect.afterMs} ms: injected fault`);
    case "delay":
      await clock.sleep(effect.delayMs, { signal });
      signal.throwIfAborted();
      return perform();
    default:
      return unreachable(effect);
  }
}

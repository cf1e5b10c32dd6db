// SPDX-License-Identifier: Apache-2.0

import type { ControllerEvent } from "../../src/controller/events/controller_event.ts";
import { type Controller, createController } from "../../src/controller/controller.ts";
import { createObservedCluster } from "../../src/controller/events/observed_cluster.ts";
import { createKindRecord } from "../../src/controller/record/kind_record.ts";
import { createRecordPlace } from "../../src/controller/record/record_place.ts";
import type { ControllerOptions } from "../../src/controller/controller_core.ts";
import {
  type ChannelState,
  type ChannelWorkflow,
  createChannelState,
} from "../../src/controller/channels/channels.ts";
import type { ChannelRules } from "../../src/controller/channels/channel_choice.ts";
import type { ProgramChange } from "../../src/controller/feed/source_follower.ts";
import type { ControllerRegistry } from "../../src/controller/triggers/reconcile_context.ts";
import { compileProgram, type JsonObject, readDocuments } from "../../src/language/mod.ts";
import type { Abortable, KubernetesObject, LogEntry, ObjectPath } from "../../src/runtime/ports.ts";
import {
  type ClusterCall,
  createManualClock,
  createSeededRandom,
  createSimulator,
  type FaultRule,
  type InjectedFault,
  type ManualClock,
  type Simulator,
  type SimulatorOptions,
} from "../../src/simulator/mod.ts";

/** Definitions as a registry would hold them, set by a test. */
export interface TestRegistry extends ControllerRegistry {
  /** Makes a channel known of which nothing could be loaded so far, and why. */
  add(channel: string, why?: string): void;
  /** Puts the Workflows of a text in force in a channel, and tells whose behaviour changed. */
  set(definitions: string, channel?: string): void;
  /** Tells of a change that is another than what is in force. */
  tell(change: ProgramChange): void;
}

/** Makes a registry that holds nothing. */
export function createTestRegistry(rules?: ChannelRules): TestRegistry {
  const channels = new Map<string, ChannelState>();
  const reasons = new Map<string, string>();
  const listeners = new Set<(change: ProgramChange) => void>();
  const ready = Promise.withResolvers<void>();
  let revision = 0;
  return {
    ...(rules === undefined ? {} : { rules: () => rules }),
    ready: ready.promise,
    add(channel, why) {
      channels.set(channel, createChannelState(channel));
      if (why !== undefined) reasons.set(channel, why);
    },
    whyNotReady: (channel) => reasons.get(channel),
    channel: (name = "stable") => channels.get(name),
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    status: () => ({
      channels: [...channels.keys()].map((name) => ({
        name,
        branch: name,
        head: null,
        definitions: 0,
        diagnostics: [],
        workflows: [],
      })),
    }),
    tell(change) {
      for (const listener of listeners) listener(change);
    },
    set(definitions, channel = "stable") {
      const before = channels.get(channel);
      const name = `${channel}@sha1:${String(++revision).padStart(40, "0")}`;
      const after = channelOf(channel, definitions, name);
      channels.set(channel, after);
      ready.resolve();
      const changedWorkflows = changedNames(before, after);
      for (const listener of listeners) listener({ channel, changedWorkflows, revision: name });
    },
  };
}

function channelOf(name: string, definitions: string, revision: string): ChannelState {
  const documents = readDocuments({ path: "definitions.yaml", text: definitions });
  const program = compileProgram(documents, {});
  const workflows = program.definitions.flatMap((definition): ChannelWorkflow[] => {
    if (definition.type !== "Workflow") return [];
    const { crdRef, id } = definition;
    return [{ ...id, ...(crdRef ? { crdRef } : {}), inForce: { program, revision } }];
  });
  return createChannelState(name, workflows);
}

function changedNames(before: ChannelState | undefined, after: ChannelState): readonly string[] {
  const digests = (state: ChannelState | undefined) =>
    new Map(
      state?.workflows().map(({ name, inForce }) => [
        name,
        inForce?.program.reachDigest("Workflow", name),
      ]),
    );
  const [old, now] = [digests(before), digests(after)];
  return [...new Set([...old.keys(), ...now.keys()])].filter((n) => old.get(n) !== now.get(n));
}

/** A simulated cluster, a controller on it, and everything that was seen of both. */
export interface World {
  readonly clock: ManualClock;
  readonly simulator: Simulator;
  readonly registry: TestRegistry;
  readonly events: ControllerEvent[];
  readonly logs: LogEntry[];
  /** Requests of the controller since the last look. */
  takeCalls(): readonly ClusterCall[];
  /** Lets a fault strike requests of the controller alone. */
  inject(rule: FaultRule): InjectedFault;
  /** Runs that began since the last look, by name of the trigger. */
  takeRuns(): readonly string[];
  readonly controller: Controller;
  /** Lets everything that is due happen. */
  settle(): Promise<void>;
  /** Lets time pass. */
  pass(seconds: number): Promise<void>;
  create(object: JsonObject): Promise<KubernetesObject>;
  get(kind: string, name: string, namespace?: string): Promise<KubernetesObject | undefined>;
  patch(kind: string, name: string, body: JsonObject, subresource?: "status"): Promise<void>;
  remove(kind: string, name: string): Promise<void>;
  /** Ends the controller and resolves when it has ended. */
  stop(): Promise<void>;
  /** Ends the controller where it stands, as a crash does, and starts another one. */
  restart(): Promise<void>;
}

/** What a world starts with. */
export interface WorldOptions extends Partial<Pick<ControllerOptions, "settings" | "events">> {
  readonly definitions?: string;
  readonly simulator?: Omit<SimulatorOptions, "clock" | "onCall">;
  /** Objects that are there before the controller is. */
  readonly objects?: readonly JsonObject[];
  readonly isStarted?: boolean;
  readonly seed?: number;
  /** Which channel a trigger gets. */
  readonly rules?: ChannelRules;
  /** Whether kinds are recorded in the namespace "koreo-system". */
  readonly recordsKinds?: boolean;
  /** What holds the definitions in place of `World.registry`; made anew with every start. */
  readonly registryOf?: (ports: RegistryPorts) => RunningRegistry;
}

/** What a registry of a test's own works with. */
export type RegistryPorts = Pick<ControllerOptions, "cluster" | "clock" | "random" | "logger">;

/** A registry that follows something for as long as the controller runs. */
export interface RunningRegistry extends ControllerRegistry {
  run(options: Abortable): Promise<void>;
}

export const NAMESPACE = "team-a";
const KINDS: Readonly<Record<string, readonly [apiVersion: string, plural: string]>> = {
  ConfigMap: ["v1", "configmaps"],
  Secret: ["v1", "secrets"],
  Namespace: ["v1", "namespaces"],
  Deployment: ["apps/v1", "deployments"],
  CustomResourceDefinition: ["apiextensions.k8s.io/v1", "customresourcedefinitions"],
  Site: ["example.dev/v1", "sites"],
  Page: ["example.dev/v1", "pages"],
};
const CLUSTER_SCOPED = new Set(["Namespace", "CustomResourceDefinition"]);
const never = new AbortController().signal;

/** Starts a world. */
export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const clock = createManualClock({ settle: nextMacrotask });
  const calls: ClusterCall[] = [];
  let isUser = false;
  const simulator = createSimulator({
    namespaces: ["default", NAMESPACE],
    ...options.simulator,
    clock,
    onCall: (call) => void (isUser || calls.push(call)),
  });
  const registry = createTestRegistry(options.rules);
  const events: ControllerEvent[] = [];
  const logs: LogEntry[] = [];
  let seed = options.seed ?? 1;
  let stopping = new AbortController();
  let running: Promise<void> = Promise.resolve();
  let following: RunningRegistry | undefined;
  let controller = make();

  function make(): Controller {
    const observe = (event: ControllerEvent) => void events.push(event);
    const cluster = createObservedCluster(simulator.cluster, { clock, observe });
    const random = createSeededRandom(seed++);
    const logger = { log: (entry: LogEntry) => void logs.push(entry) };
    const place = { cluster, clock, random, logger, namespace: "koreo-system" };
    following = options.registryOf?.({ cluster, clock, random, logger });
    return createController({
      cluster,
      registry: following ?? registry,
      clock,
      random,
      logger,
      ...(options.recordsKinds
        ? { kindRecord: createKindRecord({ place: createRecordPlace(place) }) }
        : {}),
      observe,
      ...(options.settings ? { settings: options.settings } : {}),
      ...(options.events ? { events: options.events } : {}),
    });
  }

  /** What a user does is none of the controller's requests. */
  async function asUser<T>(act: () => Promise<T>): Promise<T> {
    isUser = true;
    const acting = act();
    isUser = false;
    return await acting;
  }

  const settle = () => clock.advance(0);
  const world: World = {
    clock,
    simulator,
    registry,
    events,
    logs,
    takeCalls: () => calls.splice(0),
    inject: ({ matches = () => true, ...rule }) =>
      simulator.faults.inject({ ...rule, matches: (call) => !isUser && matches(call) }),
    takeRuns() {
      const runs = events.flatMap((event) =>
        event.type === "run-started" ? [event.trigger.name] : []
      );
      events.splice(0);
      return runs;
    },
    get controller() {
      return controller;
    },
    settle,
    pass: (seconds) => clock.advance(seconds * 1000),
    create: (object) =>
      asUser(() => {
        const { metadata, kind } = object as KubernetesObject;
        const path = pathOf(String(kind), String(metadata.name));
        return simulator.cluster.create(path, object as KubernetesObject, { signal: never });
      }),
    get: (kind, name, namespace = NAMESPACE) =>
      asUser(() => simulator.cluster.get(pathOf(kind, name, namespace), { signal: never })),
    async patch(kind, name, body, subresource) {
      const part = subresource === undefined ? {} : { subresource };
      const patch = { type: "merge", body, ...part } as const;
      await asUser(() => simulator.cluster.patch(pathOf(kind, name), patch, { signal: never }));
      await settle();
    },
    async remove(kind, name) {
      await asUser(() => simulator.cluster.delete(pathOf(kind, name), {}, { signal: never }));
      await settle();
    },
    async stop() {
      stopping.abort(new DOMException("stop", "AbortError"));
      await settle();
      await clock.advance(60_000);
      await running;
    },
    async restart() {
      await world.stop();
      stopping = new AbortController();
      controller = make();
      start();
      await settle();
    },
  };

  function start(): void {
    const { signal } = stopping;
    // Following ends with the reason of the abort.
    const followed = following?.run({ signal }).catch(() => {});
    running = Promise.all([controller.run({ signal }), followed]).then(() => {});
  }

  for (const object of options.objects ?? []) await world.create(object);
  if (options.definitions !== undefined) registry.set(options.definitions);
  if (options.isStarted ?? true) {
    start();
    await settle();
  }
  return world;
}

function pathOf(kind: string, name: string, namespace: string = NAMESPACE): ObjectPath {
  const [apiVersion, plural] = KINDS[kind] ?? ["v1", kind];
  const place = CLUSTER_SCOPED.has(kind) ? {} : { namespace };
  return { apiVersion, kind, plural, name, ...place };
}

function nextMacrotask(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

/** The definition of a kind of triggers in the group `example.dev`. */
export function triggerDefinition(kind: string, hasStatus = true): JsonObject {
  const plural = `${kind.toLowerCase()}s`;
  const schema = {
    openAPIV3Schema: { type: "object", "x-kubernetes-preserve-unknown-fields": true },
  };
  const subresources = hasStatus ? { subresources: { status: {} } } : {};
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.example.dev` },
    spec: {
      group: "example.dev",
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: "v1", served: true, storage: true, schema, ...subresources }],
    },
  };
}

/** A trigger. */
export function site(name: string, spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: "example.dev/v1",
    kind: "Site",
    metadata: { name, namespace: NAMESPACE, ...metadata },
    spec: { text: "hello", ...spec },
  };
}

/** The conditions of an object by type, each as `status reason`. */
export function conditions(object: KubernetesObject | undefined): Readonly<Record<string, string>> {
  const status = (object?.status ?? {}) as JsonObject;
  const list = (status.conditions ?? []) as readonly JsonObject[];
  return Object.fromEntries(list.map((one) => [one.type, `${one.status} ${one.reason}`]));
}

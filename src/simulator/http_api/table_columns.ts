// SPDX-License-Identifier: Apache-2.0

import { isJsonList, isJsonObject, memberAt } from "../../language/mod.ts";
import type { JsonValue } from "../../language/mod.ts";
import type { KubernetesObject } from "../../runtime/ports.ts";
import { ageSince } from "./age.ts";

/** One column of a table. */
export interface Column {
  readonly name: string;
  readonly type: string;
  readonly format?: string;
  readonly priority?: number;
  cell(object: KubernetesObject, nowMs: number): JsonValue;
}

type Read = (object: KubernetesObject) => JsonValue;

/** The columns of a built-in kind after its name; `undefined` when only its age is shown. */
export function builtInColumns(storage: string): readonly Column[] | undefined {
  return COLUMNS[storage];
}

function text(name: string, read: Read): Column {
  return { name, type: "string", cell: read };
}

function at(path: string, absent: JsonValue = ""): Read {
  const keys = path.split(".");
  return (object) => memberAt(object, ...keys) ?? absent;
}

function count(...paths: readonly string[]): Read {
  return (object) => paths.reduce((sum, path) => sum + sizeOf(at(path, null)(object)), 0);
}

function sizeOf(value: JsonValue): number {
  return isJsonObject(value) || isJsonList(value) ? Object.keys(value).length : 0;
}

function ratio(part: string, whole: string, absent = 0): Read {
  return (object) => `${String(at(part, 0)(object))}/${String(at(whole, absent)(object))}`;
}

/** The column that nearly every kind ends with. */
export const AGE: Column = {
  name: "Age",
  type: "string",
  cell: (object, nowMs) => ageSince(object.metadata.creationTimestamp, nowMs),
};

const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  "/configmaps": [text("Data", count("data", "binaryData")), AGE],
  "/secrets": [text("Type", at("type")), text("Data", count("data")), AGE],
  "/namespaces": [text("Status", at("status.phase")), AGE],
  "/serviceaccounts": [text("Secrets", count("secrets")), AGE],
  "/pods": [
    text("Ready", podReadiness),
    text("Status", podStatus),
    text("Restarts", podRestarts),
    AGE,
  ],
  "/services": [
    text("Type", at("spec.type")),
    text("Cluster-IP", at("spec.clusterIP", "<none>")),
    text("External-IP", () => "<none>"),
    text("Port(s)", servicePorts),
    AGE,
  ],
  "/persistentvolumeclaims": [
    text("Status", at("status.phase")),
    text("Volume", at("spec.volumeName")),
    text("StorageClass", at("spec.storageClassName")),
    AGE,
  ],
  "/events": [
    { name: "Last Seen", type: "string", cell: (one, nowMs) => ageSince(lastSeen(one), nowMs) },
    text("Type", at("type")),
    text("Reason", at("reason")),
    text("Object", eventObject),
    text("Message", at("message")),
  ],
  "apps/deployments": [
    text("Ready", ratio("status.readyReplicas", "spec.replicas", 1)),
    text("Up-to-date", at("status.updatedReplicas", 0)),
    text("Available", at("status.availableReplicas", 0)),
    AGE,
  ],
  "apps/statefulsets": [text("Ready", ratio("status.readyReplicas", "spec.replicas", 1)), AGE],
  "apps/replicasets": [
    text("Desired", at("spec.replicas", 1)),
    text("Current", at("status.replicas", 0)),
    text("Ready", at("status.readyReplicas", 0)),
    AGE,
  ],
  "batch/jobs": [text("Completions", ratio("status.succeeded", "spec.completions", 1)), AGE],
  "batch/cronjobs": [
    text("Schedule", at("spec.schedule")),
    text("Suspend", (object) => String(at("spec.suspend", false)(object))),
    AGE,
  ],
  "networking.k8s.io/ingresses": [
    text("Class", at("spec.ingressClassName", "<none>")),
    text("Hosts", ingressHosts),
    AGE,
  ],
  "autoscaling/horizontalpodautoscalers": [
    text("Reference", scaleTarget),
    text("MinPods", at("spec.minReplicas", 1)),
    text("MaxPods", at("spec.maxReplicas", 0)),
    text("Replicas", at("status.currentReplicas", 0)),
    AGE,
  ],
  "coordination.k8s.io/leases": [text("Holder", at("spec.holderIdentity")), AGE],
  "rbac.authorization.k8s.io/rolebindings": [text("Role", roleName), AGE],
  "rbac.authorization.k8s.io/clusterrolebindings": [text("Role", roleName), AGE],
  "apiextensions.k8s.io/customresourcedefinitions": [
    text("Created At", at("metadata.creationTimestamp")),
  ],
  "rbac.authorization.k8s.io/roles": [text("Created At", at("metadata.creationTimestamp"))],
  "rbac.authorization.k8s.io/clusterroles": [text("Created At", at("metadata.creationTimestamp"))],
};

function listAt(object: JsonValue, ...path: readonly string[]): readonly JsonValue[] {
  const found = memberAt(object, ...path);
  return isJsonList(found) ? found : [];
}

function podReadiness(pod: KubernetesObject): JsonValue {
  const ready = listAt(pod, "status", "containerStatuses")
    .filter((status) => memberAt(status, "ready") === true);
  return `${ready.length}/${listAt(pod, "spec", "containers").length}`;
}

function podStatus(pod: KubernetesObject): JsonValue {
  if (pod.metadata.deletionTimestamp !== undefined) return "Terminating";
  return memberAt(pod, "status", "reason") ?? memberAt(pod, "status", "phase") ?? "";
}

function podRestarts(pod: KubernetesObject): JsonValue {
  const counts = listAt(pod, "status", "containerStatuses")
    .map((status) => Number(memberAt(status, "restartCount") ?? 0));
  return String(counts.reduce((sum, one) => sum + one, 0));
}

function servicePorts(service: KubernetesObject): JsonValue {
  const ports = listAt(service, "spec", "ports")
    .map((port) =>
      `${String(memberAt(port, "port"))}/${String(memberAt(port, "protocol") ?? "TCP")}`
    );
  return ports.length === 0 ? "<none>" : ports.join(",");
}

function ingressHosts(ingress: KubernetesObject): JsonValue {
  const hosts = listAt(ingress, "spec", "rules").map((rule) => memberAt(rule, "host"))
    .filter((host) => typeof host === "string");
  return hosts.length === 0 ? "*" : hosts.join(",");
}

function scaleTarget(scaler: KubernetesObject): JsonValue {
  const target = memberAt(scaler, "spec", "scaleTargetRef") ?? null;
  return `${String(memberAt(target, "kind") ?? "")}/${String(memberAt(target, "name") ?? "")}`;
}

function roleName(binding: KubernetesObject): JsonValue {
  const role = binding.roleRef ?? null;
  return `${String(memberAt(role, "kind") ?? "")}/${String(memberAt(role, "name") ?? "")}`;
}

function lastSeen(event: KubernetesObject): JsonValue | undefined {
  return memberAt(event, "series", "lastObservedTime") ?? event.lastTimestamp ??
    event.eventTime ?? event.metadata.creationTimestamp;
}

function eventObject(event: KubernetesObject): JsonValue {
  const kind = String(memberAt(event, "involvedObject", "kind") ?? "").toLowerCase();
  return `${kind}/${String(memberAt(event, "involvedObject", "name") ?? "")}`;
}

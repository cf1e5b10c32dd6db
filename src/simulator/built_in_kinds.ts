// SPDX-License-Identifier: Apache-2.0

import { EVENT_STORAGE } from "./event_versions.ts";
import type { ServedResource } from "./served_resource.ts";

/**
 * The kinds served from the start, as Kubernetes 1.34 describes them: group/version, kind,
 * plural, short names, then letters: n namespaced, s has a status subresource, g counts
 * generations, a belongs to the category "all", c has no deletecollection, x has a scale.
 */
const TABLE = `
v1 ConfigMap configmaps cm n
v1 Endpoints endpoints ep n
v1 Event events ev n
v1 LimitRange limitranges limits n
v1 Namespace namespaces ns sc
v1 Node nodes no s
v1 PersistentVolumeClaim persistentvolumeclaims pvc ns
v1 PersistentVolume persistentvolumes pv s
v1 Pod pods po nsga
v1 ReplicationController replicationcontrollers rc nsga
v1 ResourceQuota resourcequotas quota ns
v1 Secret secrets - n
v1 ServiceAccount serviceaccounts sa n
v1 Service services svc nsa
apps/v1 DaemonSet daemonsets ds nsga
apps/v1 Deployment deployments deploy nsga
apps/v1 ReplicaSet replicasets rs nsga
apps/v1 StatefulSet statefulsets sts nsga
autoscaling/v2 HorizontalPodAutoscaler horizontalpodautoscalers hpa nsa
batch/v1 CronJob cronjobs cj nsga
batch/v1 Job jobs - nsga
events.k8s.io/v1 Event events ev n
discovery.k8s.io/v1 EndpointSlice endpointslices - ng
networking.k8s.io/v1 IngressClass ingressclasses - g
networking.k8s.io/v1 Ingress ingresses ing nsg
networking.k8s.io/v1 NetworkPolicy networkpolicies netpol ng
policy/v1 PodDisruptionBudget poddisruptionbudgets pdb nsg
rbac.authorization.k8s.io/v1 ClusterRoleBinding clusterrolebindings - -
rbac.authorization.k8s.io/v1 ClusterRole clusterroles - -
rbac.authorization.k8s.io/v1 RoleBinding rolebindings - n
rbac.authorization.k8s.io/v1 Role roles - n
apiextensions.k8s.io/v1 CustomResourceDefinition customresourcedefinitions crd,crds sg
coordination.k8s.io/v1 Lease leases - n
scheduling.k8s.io/v1 PriorityClass priorityclasses pc g
storage.k8s.io/v1 StorageClass storageclasses sc -
`;

/** The kinds served from the start. */
export const BUILT_IN_KINDS: readonly ServedResource[] = TABLE.trim().split("\n").map(readRow);

function readRow(row: string): ServedResource {
  const [apiVersion = "", kind = "", plural = "", shortNames = "", flags = ""] = row.split(" ");
  const slash = apiVersion.indexOf("/");
  const group = apiVersion.slice(0, Math.max(0, slash));
  return {
    apiVersion,
    group,
    version: apiVersion.slice(slash + 1),
    kind,
    listKind: `${kind}List`,
    plural,
    singular: kind.toLowerCase(),
    shortNames: shortNames === "-" ? [] : shortNames.split(","),
    categories: flags.includes("a") ? ["all"] : [],
    namespaced: flags.includes("n"),
    hasStatus: flags.includes("s"),
    countsGenerations: flags.includes("g"),
    collectionDeletable: !flags.includes("c"),
    storage: kind === "Event" ? EVENT_STORAGE : `${group}/${plural}`,
  };
}

// SPDX-License-Identifier: Apache-2.0

import type { FollowedKind } from "./followed_kinds.ts";

/** Watched so that a trigger kind is noticed when it comes to be served. */
export const CUSTOM_RESOURCE_DEFINITIONS: FollowedKind = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  role: "metadata",
};

/** Watched where the channel of a trigger may be that of its Namespace (TR-6). */
export const NAMESPACES: FollowedKind = { apiVersion: "v1", kind: "Namespace", role: "metadata" };

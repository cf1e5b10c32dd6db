// SPDX-License-Identifier: Apache-2.0

import type { JsonObject } from "../language/mod.ts";
import type { ResourceType } from "../runtime/ports.ts";

/** A column that `kubectl get` shows for a custom kind. */
export interface PrinterColumn {
  readonly name: string;
  readonly type: string;
  readonly jsonPath: string;
  readonly description: string;
  readonly priority: number;
}

/** What a CustomResourceDefinition adds to a kind. */
export interface CustomKind {
  /** Name of the CustomResourceDefinition. */
  readonly definition: string;
  /** `openAPIV3Schema` of the version. */
  readonly schema: JsonObject;
  /** The version that objects are stored in. */
  readonly storageVersion: string;
  readonly columns: readonly PrinterColumn[];
  /** Paths that a field selector may name, such as `spec.size`. */
  readonly selectableFields: readonly string[];
}

/** A kind in one version, with all that the server needs to know of it. */
export interface ServedResource extends ResourceType {
  readonly group: string;
  readonly version: string;
  readonly listKind: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  /** Whether `metadata.generation` is kept. */
  readonly countsGenerations: boolean;
  readonly collectionDeletable: boolean;
  /** Where the objects lie, the same for all versions: group/plural. */
  readonly storage: string;
  readonly custom?: CustomKind;
}

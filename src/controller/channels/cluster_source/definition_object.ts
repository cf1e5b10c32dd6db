// SPDX-License-Identifier: Apache-2.0

import {
  contentId,
  isJsonList,
  type JsonObject,
  jsonObject,
  type JsonValue,
  member,
  yamlText,
} from "../../../language/mod.ts";
import type { KubernetesObject } from "../../../runtime/ports.ts";

/** A definition of the cluster, as a file of a repository would hold it. */
export interface DefinitionObject {
  /** `Kind/namespace/name.yaml`. */
  readonly path: string;
  readonly text: string;
  /** Equal ids, equal texts. */
  readonly blob: string;
  /** Who changed it last, as far as the server says: the field manager. */
  readonly author: string;
  /** When, as RFC 3339; `""` when the server does not say. */
  readonly changedAt: string;
}

/**
 * Takes from an object what it defines: its names and `spec`. What the server and its users note
 * beside that (status, labels, annotations, managed fields) is no part of a definition.
 */
export function definitionObject(object: KubernetesObject): DefinitionObject {
  const { apiVersion, kind } = object;
  const [namespace, name] = ["namespace", "name"].map((key) => member(object.metadata, key));
  const metadata: JsonObject = {
    name: name ?? "",
    ...(namespace === undefined ? {} : { namespace }),
  };
  const given = member(object, "spec");
  const spec = given && cutBelow(given, MAX_LEVELS);
  const text = yamlText({ apiVersion, kind, metadata, ...(spec === undefined ? {} : { spec }) });
  const { manager, time } = lastWriter(object);
  return {
    path: `${kind}/${namespace}/${name}.yaml`,
    text,
    blob: contentId(text),
    author: manager,
    changedAt: time,
  };
}

/** Deeper ones are refused anyway (LM-4), and what is indented grows with the square of its depth. */
const MAX_LEVELS = 110;

function cutBelow(value: JsonValue, levels: number): JsonValue {
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) return null;
  if (isJsonList(value)) return value.map((item) => cutBelow(item, levels - 1));
  return jsonObject(
    Object.entries(value).map(([key, inner]) => [key, cutBelow(inner, levels - 1)] as const),
  );
}

interface Writer {
  readonly manager: string;
  /** As the server writes it: all of one form, so that texts in order are times in order. */
  readonly time: string;
}

/** Who wrote the object itself last; who wrote its status does not count. */
function lastWriter({ metadata }: KubernetesObject): Writer {
  const entries = member(metadata, "managedFields");
  const writers = (isJsonList(entries) ? entries : [])
    .filter((entry) => member(entry, "subresource") === undefined).map(writerOf);
  const unknown = { manager: "unknown", time: textOf(member(metadata, "creationTimestamp")) };
  return writers.reduce((last, one) => one.time >= last.time ? one : last, unknown);
}

function writerOf(entry: JsonValue): Writer {
  const manager = textOf(member(entry, "manager"));
  return { manager: manager || "unknown", time: textOf(member(entry, "time")) };
}

function textOf(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

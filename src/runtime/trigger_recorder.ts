// SPDX-License-Identifier: Apache-2.0

import type { JsonObject, JsonValue, NonOk, Ok } from "../language/mod.ts";
import { sendRequest } from "./api_request.ts";
import { MANAGED_RESOURCES } from "./managed_resources.ts";
import {
  needsFinalizer,
  nextFinalizers,
  recordAhead,
  recordText,
  recordTooLarge,
} from "./managed_record.ts";
import type { KubernetesObject, ObjectPath } from "./ports.ts";
import { readRecord, type RecordedResource, recordedResources } from "./recorded_resources.ts";
import type { RunContext } from "./run_context.ts";

/** Writes what is about to be created onto the trigger, before it is created (CL-3). */
export interface TriggerRecorder {
  /** The trigger as last written. */
  trigger(): KubernetesObject;
  /** Resolves to an outcome when the resource could not be recorded. */
  record(resource: RecordedResource): Promise<NonOk | undefined>;
}

/** Resources that wait for the write in progress to end. */
interface Batch {
  readonly resources: RecordedResource[];
  readonly done: Promise<NonOk | undefined>;
}

/** Creates a recorder for one run. Writes one after the other; waiting ones are joined. */
export function createTriggerRecorder(
  trigger: KubernetesObject,
  path: ObjectPath,
  run: RunContext,
): TriggerRecorder {
  let current = trigger;
  let waiting: Batch | undefined;
  let last: Promise<unknown> = Promise.resolve();
  const write = async (resources: readonly RecordedResource[]) => {
    waiting = undefined;
    const written = await writeAhead(current, { resources, path, run });
    if (written.type !== "Ok") return written;
    current = written.value;
    return undefined;
  };
  return {
    trigger: () => current,
    record(resource) {
      if (waiting) waiting.resources.push(resource);
      else {
        const resources = [resource];
        waiting = { resources, done: last.then(() => write(resources)) };
        // A failed write is told to those who wait for it, and does not stop the next.
        last = waiting.done.catch(() => {});
      }
      return waiting.done;
    },
  };
}

/** Records resources on the trigger; gives the trigger as it is then. */
async function writeAhead(
  trigger: KubernetesObject,
  { resources, path, run }: {
    readonly resources: readonly RecordedResource[];
    readonly path: ObjectPath;
    readonly run: RunContext;
  },
): Promise<Ok<KubernetesObject> | NonOk> {
  const ahead = aheadPatch(trigger, resources);
  if (ahead === undefined) return { type: "Ok", value: trigger };
  if ("type" in ahead) return ahead;
  const location = "metadata.annotations";
  const request = { verb: "patch", resource: path, location, delaySeconds: 5 } as const;
  const patch = { type: "merge", body: ahead.patch } as const;
  const sent = await sendRequest(request, (o) => run.cluster.patch(path, patch, o), run);
  return sent.type === "Ok" ? { type: "Ok", value: sent.value ?? trigger } : sent;
}

/** The patch that records resources; nothing when all are recorded; why it cannot be. */
function aheadPatch(
  trigger: KubernetesObject,
  resources: readonly RecordedResource[],
): { readonly patch: JsonObject } | NonOk | undefined {
  let recorded = recordedResources(trigger);
  let record: JsonObject | undefined;
  for (const resource of resources) {
    const next = recordAhead(recorded, resource);
    if (!next) continue;
    record = next;
    recorded = readRecord(recordText(next));
  }
  if (!record) return undefined;
  const text = recordText(record);
  return recordTooLarge(text) ?? { patch: { metadata: metadataPatch(trigger, record, text) } };
}

function metadataPatch(trigger: KubernetesObject, record: JsonObject, text: string): JsonObject {
  const metadata: Record<string, JsonValue> = { annotations: { [MANAGED_RESOURCES]: text } };
  const finalizers = nextFinalizers(trigger, needsFinalizer(record));
  return finalizers ? { ...metadata, ...finalizersPatch(trigger, finalizers) } : metadata;
}

/** A patch carries the list whole, so that it must be of the version that was read. */
export function finalizersPatch(
  trigger: KubernetesObject,
  finalizers: readonly string[],
): JsonObject {
  const { resourceVersion } = trigger.metadata;
  return resourceVersion === undefined ? { finalizers } : { finalizers, resourceVersion };
}

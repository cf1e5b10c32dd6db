// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import type { BrokenDefinition, JsonObject } from "../../src/language/mod.ts";
import {
  annotationOrLabel,
  channelNotReady,
  lookupOutcome,
  triggerKinds,
  unknownChannel,
  vanishedWorkflow,
  workflowFor,
} from "../../src/runtime/mod.ts";
import { diagnostic, programOf, workflow } from "./definitions.ts";

const crdRef = { apiGroup: "example.dev", version: "v1", kind: "Thing" };
const one = workflow("one", [], { crdRef });
const two = workflow("two", [], { crdRef });
const pods = workflow("pods", [], { crdRef: { apiGroup: "", version: "v1", kind: "Pod" } });
const free = workflow("free", []);

function broken(
  name: string,
  found: Partial<BrokenDefinition>,
): BrokenDefinition {
  return {
    type: "Broken",
    id: { kind: "Workflow", namespace: "default", name },
    digest: "",
    source: { file: "f", line: 1, column: 1 },
    diagnostics: [],
    ...found,
  };
}

function trigger(
  metadata: JsonObject = {},
  apiVersion = "example.dev/v1",
  kind = "Thing",
): JsonObject {
  return { apiVersion, kind, metadata };
}

const named = (name: string) => trigger({ annotations: { "koreo.dev/workflow": name } });

Deno.test("TR-10 the Workflow is the one whose crdRef matches", () => {
  deepEqual(workflowFor(programOf(pods, one), trigger()), { type: "found", workflow: one });
  deepEqual(workflowFor(programOf(one, pods), trigger({}, "v1", "Pod")), {
    type: "found",
    workflow: pods,
  });
});

Deno.test("TR-2 the annotation or label names it, and its crdRef is not examined", () => {
  deepEqual(workflowFor(programOf(one, free), named("free")), { type: "found", workflow: free });
  const labelled = trigger({ labels: { "koreo.dev/workflow": "free" } });
  deepEqual(workflowFor(programOf(one, free), labelled), { type: "found", workflow: free });
});

Deno.test("TR-9 the annotation counts where both are present", () => {
  const both = trigger({ annotations: { k: "annotation" }, labels: { k: "label" } });
  deepEqual(annotationOrLabel(both, "k"), "annotation");
});

Deno.test("TR-10 only the first of several Workflows of one name counts", () => {
  const shadowed = workflow("one", [], { crdRef: { ...crdRef, kind: "Other" } });
  const program = programOf(one, shadowed);
  deepEqual(triggerKinds(program), [crdRef]);
});

const FAILURES = [
  [
    "TR-11",
    programOf(one),
    named("nope"),
    "NoWorkflow",
    "Failed to find User Requested Workflow (nope) for `example.dev:Thing:v1`",
  ],
  [
    "TR-12",
    programOf(pods),
    trigger(),
    "NoWorkflow",
    "Failed to find Workflow for `example.dev:Thing:v1`",
  ],
  [
    "TR-13",
    programOf(two, one),
    trigger(),
    "MultipleWorkflows",
    "Multiple Workflows attempted to run (one,two)",
  ],
  [
    "TR-14",
    programOf(
      broken("one", { diagnostics: [diagnostic("wrong")], workflow: { crdRef, stepErrors: [] } }),
    ),
    trigger(),
    "WorkflowNotReady",
    "Workflow `one` not ready wrong.",
  ],
  [
    "TR-14",
    programOf(broken("one", { diagnostics: [diagnostic("wrong")] })),
    named("one"),
    "WorkflowNotReady",
    "User-specified Workflow `one` not ready wrong.",
  ],
] as const;

for (const [rule, program, given, reason, message] of FAILURES) {
  Deno.test(`${rule} ${message}`, () => {
    deepEqual(workflowFor(program, given), { type: "failed", reason, message });
  });
}

Deno.test("WF-32a a Workflow that is broken only in its steps is found", () => {
  const cause = diagnostic("Duplicate step-label (one)", { code: "duplicate-label" });
  const stepErrors = [{ label: "one", isConfigStep: false, message: "m", diagnostic: cause }];
  const definition = broken("one", { diagnostics: [cause], workflow: { crdRef, stepErrors } });
  deepEqual(workflowFor(programOf(definition), trigger()), { type: "found", workflow: definition });
  const both = broken("one", {
    diagnostics: [cause, diagnostic("also the schema")],
    workflow: { crdRef, stepErrors },
  });
  deepEqual(workflowFor(programOf(both), trigger()).type, "failed");
});

Deno.test("TR-15, TR-16, TR-16a, TR-17 other failures and the outcome of all", () => {
  deepEqual(vanishedWorkflow("wf").message, "Could not load Workflow `wf`.");
  deepEqual(unknownChannel("beta"), {
    type: "failed",
    reason: "UnknownChannel",
    message: "Channel 'beta' is not configured.",
  });
  deepEqual(channelNotReady("beta").message, "Channel 'beta' has no definitions yet.");
  deepEqual(channelNotReady("beta", "Cannot fetch it"), {
    type: "failed",
    reason: "ChannelNotReady",
    message: "Channel 'beta' has no definitions yet: Cannot fetch it.",
  });
  const message = "Channel 'beta' is not configured.";
  deepEqual(lookupOutcome(unknownChannel("beta")), { type: "Retry", delaySeconds: 120, message });
});

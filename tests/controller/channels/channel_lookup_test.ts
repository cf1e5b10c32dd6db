// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { chooseWorkflow } from "../../../src/controller/channels/channel_lookup.ts";
import { createChannelState } from "../../../src/controller/channels/channels.ts";
import { compileProgram, readDocuments } from "../../../src/language/mod.ts";
import { crdRefOf } from "../gate/fake_program.ts";
import { siteDefinitions } from "../site_definitions.ts";
import { site } from "../world.ts";

Deno.test("TR-13 Workflows that never were in force stand back behind one that is, and are told by name", () => {
  const crdRef = { ...crdRefOf("Site"), apiGroup: "example.dev" };
  const namespace = "default";
  const inForce = {
    program: compileProgram(readDocuments({ path: "site.k.yaml", text: siteDefinitions() })),
    revision: "main",
  };
  const channel = createChannelState("stable", [
    { namespace, name: "site.v1", crdRef, inForce },
    { namespace, name: "site.v2", crdRef },
  ]);
  deepEqual(channel.workflowsFor(crdRef).map(({ name }) => name), ["site.v1"]);
  const chosen = chooseWorkflow(channel, site("one"));
  equal(chosen.type === "chosen" && chosen.workflow.id.name, "site.v1");
  const asked = site("one", {}, { annotations: { "koreo.dev/workflow": "site.v2" } });
  const told = chooseWorkflow(channel, asked);
  equal(told.type === "failed" && told.reason, "WorkflowNotReady");
  const none = createChannelState("stable", [
    { namespace, name: "site.v1", crdRef },
    { namespace, name: "site.v2", crdRef },
  ]);
  const both = chooseWorkflow(none, site("one"));
  equal(both.type === "failed" && both.reason, "MultipleWorkflows");
});

Deno.test("VC-6 a trigger is told why no revision of its Workflow was good so far, where, and whose commit that was", () => {
  const revision = `main@sha1:${"a".repeat(40)}`;
  const channel = createChannelState("stable", [{
    namespace: "default",
    name: "site.v1",
    crdRef: { ...crdRefOf("Site"), apiGroup: "example.dev" },
    heldBack: {
      revision,
      author: "Ada",
      subject: "Serve on another port",
      reason: "expected 1, found 2",
      file: "koreo/site.test.k.yaml",
      line: 12,
      test: "site",
      case: "port",
    },
  }]);
  deepEqual(chooseWorkflow(channel, site("one")), {
    type: "failed",
    reason: "WorkflowNotReady",
    message: "Workflow `site.v1` not ready expected 1, found 2 " +
      `(case "port" of "site") at koreo/site.test.k.yaml:12 in ${revision} ` +
      '("Serve on another port" by Ada).',
  });
});

// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { chooseWorkflow } from "../../../src/controller/channels/channel_lookup.ts";
import { createChannelState } from "../../../src/controller/channels/channels.ts";
import { crdRefOf } from "../gate/fake_program.ts";
import { site } from "../world.ts";

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

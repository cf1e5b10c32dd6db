// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match } from "node:assert/strict";
import { until } from "../until.ts";
import { startReconciler } from "../cluster/reconciler_process.ts";
import { definitions } from "./running_reconciler.ts";
import { makeServedFixture } from "./served_fixture.ts";

/** What `deno task reconcile` grants: the Worker needs no more. */
const PERMISSIONS = [
  "--allow-net",
  "--allow-read",
  "--allow-env",
  "--allow-sys",
  "--allow-run",
];

Deno.test("A process with the permissions of the task follows pushes, and ends with 0 on SIGTERM", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: definitions(0) });
  await using reconciler = startReconciler({
    permissions: PERMISSIONS,
    args: [
      ...["--repo", fixture.url, "--path", "koreo", "--interval", "100ms"],
      ...["--cluster", "embedded"],
    ],
  });
  for (let value = 1; value < 5; value++) {
    const id = await fixture.commit("main", { files: definitions(value) });
    const line = JSON.parse(await reconciler.untilLogged(new RegExp(`Put .*${id}.* in force`)));
    deepEqual([line.channel, line.changed, line.heldBack], ["stable", 1, 0]);
  }
  equal(await reconciler.terminate(), 0);
});

Deno.test("A process that is told to end while a fetch hangs ends with 0 all the same", async () => {
  await using fixture = await makeServedFixture();
  await fixture.commit("main", { files: definitions(0) });
  fixture.server.setFault({ type: "hang" });
  await using reconciler = startReconciler({
    permissions: PERMISSIONS,
    args: ["--repo", fixture.url, "--path", "koreo", "--cluster", "embedded"],
  });
  match(await reconciler.untilLogged(/"Reconciling"/), /definitions\.git/);
  await until("the fetch hangs", () => fixture.server.requests.length > 0);
  equal(await reconciler.terminate(), 0);
  deepEqual(reconciler.lines.filter((line) => /Cannot fetch/.test(line)), []);
});

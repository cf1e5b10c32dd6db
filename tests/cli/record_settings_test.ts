// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { Command } from "commander";
import { recordOptions, recordSettings, settledRecord } from "../../src/cli/record_settings.ts";
import { withEnvironment } from "../own_environment.ts";

const READ = [
  { given: [], variables: {}, read: { record: {} } },
  { given: ["--record-namespace", "a"], variables: {}, read: { record: { namespace: "a" } } },
  { given: ["--no-record"], variables: {}, read: {} },
  { given: [], variables: { KOREO_NO_RECORD: "true" }, read: {} },
  { given: [], variables: { KOREO_NO_RECORD: "false" }, read: { record: {} } },
  {
    given: [],
    variables: { KOREO_RECORD_NAMESPACE: "b" },
    read: { record: { namespace: "b" } },
  },
] as const;

for (const { given, variables, read } of READ) {
  const shown = [...Object.entries(variables).map((pair) => pair.join("=")), ...given].join(" ");
  Deno.test(`where the record lies is read from "${shown}"`, async () => {
    const command = new Command("reconcile");
    for (const option of recordOptions()) command.addOption(option);
    await withEnvironment(variables, () => command.parse([...given], { from: "user" }));
    deepEqual(recordSettings(command.opts()), read);
  });
}

Deno.test("outside of a cluster the record lies in koreo-system", async () => {
  const cluster = { type: "kubeconfig" } as const;
  deepEqual(await settledRecord({ record: {}, cluster }), {
    cluster,
    record: { namespace: "koreo-system" },
  });
  deepEqual(await settledRecord({ cluster }), { cluster });
  deepEqual(await settledRecord({ record: { namespace: "a" }, cluster }), {
    cluster,
    record: { namespace: "a" },
  });
});

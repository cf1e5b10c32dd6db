// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal } from "node:assert/strict";
import { parse } from "yaml";
import { EVENT_REASONS, METRICS } from "../../src/controller/mod.ts";

const PAGE = await Deno.readTextFile(new URL("../../docs/reconcile.md", import.meta.url));

const ROWS = PAGE.split("\n").filter((line) => line.startsWith("|")).map((line) =>
  line.split("|").slice(1, -1).map((cell) => cell.trim())
);

Deno.test("docs/reconcile.md lists every metric with its labels and what it tells", () => {
  const listed = ROWS.filter(([name = ""]) => /^`(koreo|process)_/.test(name));
  const expected = Object.entries(METRICS).map(([name, { type, help, labels }]) => [
    `\`${name}\``,
    type,
    labels.map((label) => `\`${label}\``).join(", "),
    help,
  ]);
  deepEqual(listed, expected);
});

Deno.test("docs/reconcile.md lists every reason of an Event", () => {
  const listed = ROWS.filter(([, type = ""]) => type === "Normal" || type === "Warning");
  const expected = Object.entries(EVENT_REASONS).map(([reason, [type, when]]) => [
    `\`${reason}\``,
    type,
    when,
  ]);
  deepEqual(listed, expected);
});

Deno.test("the alert rules of docs/reconcile.md speak of metrics that there are", () => {
  const [, text = ""] = /```yaml\n(groups:[^]*?)```/.exec(PAGE) ?? [];
  const { groups } = parse(text) as { groups: { rules: { expr: string }[] }[] };
  const expressions = groups.flatMap(({ rules }) => rules.map(({ expr }) => expr));
  equal(expressions.length > 5, true);
  for (const expression of expressions) {
    for (const [name] of expression.matchAll(/koreo_[a-z_]+/g)) {
      equal(name.replace(/_bucket$/, "") in METRICS, true, name);
    }
  }
});

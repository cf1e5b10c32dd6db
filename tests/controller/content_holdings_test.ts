// SPDX-License-Identifier: Apache-2.0

import { deepEqual } from "node:assert/strict";
import { createContentHoldings } from "../../src/controller/publication/content_holdings.ts";
import type { PublishedProgram } from "../../src/controller/publication/publication.ts";

const program = (id: string, ...documents: string[]): PublishedProgram => ({
  id,
  namespace: "default",
  documents,
  tests: [`test of ${documents[0]}`],
});

Deno.test("content holdings: documents are added with the first Program that has them", () => {
  const holdings = createContentHoldings();
  const first = holdings.replace("stable", [program("p1", "a", "b")]);
  deepEqual([...first.added], ["p1", "a", "b", "test of a"]);
  const next = holdings.replace("beta", [program("p1", "a", "b"), program("p2", "a", "c")]);
  deepEqual([...next.added], ["p2", "c"]);
});

Deno.test("content holdings: documents are dropped with the last Program that has them", () => {
  const holdings = createContentHoldings();
  holdings.replace("stable", [program("p1", "a", "b")]);
  holdings.replace("beta", [program("p1", "a", "b")]);
  deepEqual([...holdings.replace("stable", []).dropped], []);
  const moved = holdings.replace("beta", [program("p2", "a", "c")]);
  deepEqual([...moved.dropped], ["p1", "b"]);
  deepEqual([...holdings.replace("beta", []).dropped], ["p2", "a", "c", "test of a"]);
});

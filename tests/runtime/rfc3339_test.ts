// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import fc from "fast-check";
import { rfc3339 } from "../../src/runtime/mod.ts";

Deno.test("ST-9 times are RFC 3339 in UTC with whole seconds", () => {
  equal(rfc3339(0), "1970-01-01T00:00:00Z");
  equal(rfc3339(951_782_399_999), "2000-02-28T23:59:59Z");
  equal(rfc3339(951_782_400_000), "2000-02-29T00:00:00Z");
  equal(rfc3339(4_107_542_400_000), "2100-03-01T00:00:00Z");
});

Deno.test("ST-9 times agree with the calendar of the platform", () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 253_402_300_799_999 }), (ms) => {
    equal(rfc3339(ms), new Date(Math.floor(ms / 1000) * 1000).toISOString().replace(".000Z", "Z"));
  }));
});

// SPDX-License-Identifier: Apache-2.0

import { equal } from "node:assert/strict";
import { isLocalRequest } from "../../src/cli/local_request.ts";

const CASES: readonly {
  readonly name: string;
  readonly sender?: string;
  readonly host?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly isLocal: boolean;
}[] = [
  { name: "is local from and to 127.0.0.1", isLocal: true },
  { name: "is local over IPv6", sender: "::1", host: "[::1]:8080", isLocal: true },
  { name: "is local as a mapped address", sender: "::ffff:127.0.0.1", isLocal: true },
  { name: "is local by name", host: "localhost:8080", isLocal: true },
  { name: "is not local from elsewhere", sender: "10.1.2.3", isLocal: false },
  {
    name: "is not local because it says so",
    sender: "10.1.2.3",
    headers: { "x-forwarded-for": "127.0.0.1" },
    isLocal: false,
  },
  {
    name: "is not local through a proxy on this machine",
    headers: { "x-forwarded-for": "10.1.2.3" },
    isLocal: false,
  },
  {
    name: "is not local through a proxy that says no more",
    headers: { Via: "1.1 a" },
    isLocal: false,
  },
  {
    name: "is not local through the sidecar of a mesh",
    sender: "127.0.0.6",
    host: "koreo-reconciler.koreo-system.svc:8080",
    isLocal: false,
  },
  {
    name: "is not local from a page whose name leads here",
    host: "attacker.example:8080",
    isLocal: false,
  },
  {
    name: "is not local to a name that begins like one",
    host: "127.0.0.1.example",
    isLocal: false,
  },
];

for (
  const { name, sender = "127.0.0.1", host = "127.0.0.1:8080", headers = {}, isLocal } of CASES
) {
  Deno.test(`A request ${name}`, () => {
    const request = new Request(`http://${host}/api/v1/channels`, { headers });
    equal(isLocalRequest(request, sender), isLocal);
  });
}

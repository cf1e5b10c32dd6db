// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, rejects } from "node:assert/strict";
import { askController } from "../../src/adapters/controller_client.ts";
import { type HttpServer, serveLoopback } from "../../src/adapters/http_server.ts";
import { serveController } from "../../src/cli/serve_controller.ts";
import type { ChannelStatus } from "../../src/controller/mod.ts";
import { koreo } from "./run_koreo.ts";
import { documentOf } from "./schemas.ts";

const ID = "0123456789".repeat(4);

const CHANNELS: readonly ChannelStatus[] = [
  {
    name: "stable",
    branch: "main",
    head: ID,
    definitions: 2,
    diagnostics: [{
      severity: "error",
      code: "unknown-step",
      message: "Cannot use a step",
      file: "a.k.yaml",
      line: 3,
      column: 5,
      excerpt: { text: "3 | password: hunter2", endColumn: 9 },
    }],
    workflows: [{
      namespace: "default",
      name: "a",
      revision: null,
      heldBack: {
        revision: `main@sha1:${ID}`,
        author: "Tess Ter",
        subject: "Break it",
        reason: "Cannot use a step",
        file: "a.k.yaml",
        line: 3,
      },
    }],
  },
  {
    name: "beta",
    branch: "beta",
    over: "stable",
    head: ID,
    definitions: 1,
    diagnostics: [],
    workflows: [],
  },
];

function served(hostname = "127.0.0.1", channels = CHANNELS): HttpServer {
  return serveController({ address: { hostname, port: 0 } }, {
    controller: { status: () => ({ isReady: true }) as never },
    registry: {
      status: () => ({ channels }),
      wake: () => {},
      inForce: () => undefined,
      whyNotReady: () => undefined,
    },
    logger: { log: () => {} },
  });
}

Deno.test("koreo channels --controller shows what a running controller knows", async () => {
  const { url, close } = served();
  try {
    deepEqual(await koreo(["channels", "--controller", url]), {
      code: 1,
      stdout: `stable (main) at ${ID}: 2 definitions, 1 fault (koreo validate shows them)
  default/a  nothing in force
    held back: main@sha1:${ID}
      "Break it" by Tess Ter
      Cannot use a step
      at a.k.yaml:3
beta (beta over stable) at ${ID}: 1 definition
`,
      stderr: "",
    });
    const one = await koreo(["channels", "--controller", url, "--channel", "beta", "-o", "json"]);
    const { channels } = await documentOf("channels", one.stdout);
    deepEqual(channels, CHANNELS.slice(1));
    equal(one.code, 0);
  } finally {
    await close();
  }
});

Deno.test("koreo channels --controller shows what is tried, and what was taken back", async () => {
  const progress = { triggers: 3, ran: 2, ready: 1, failed: 0 };
  const canary = {
    revision: `main@sha1:${ID}`,
    workflows: ["a"],
    share: { type: "percent", percent: 10 },
    startedAt: 1_700_000_000_000,
    soakEndsAt: 1_700_000_600_000,
    progress: { ...progress, reason: 'Site "team-a/web" has not run from it' },
  } as const;
  const takenBack = { revision: "main@sha1:0", reason: "it fails", at: 1_699_999_999_000 };
  const many = Array.from({ length: 23 }, (_, index) => ({ name: `w${index}`, digest: "1" }));
  const refused = [
    { ...takenBack, revision: "main@sha1:00" },
    { ...takenBack, revision: "main@sha1:000", workflows: many },
    { ...takenBack, workflows: [{ name: "a", digest: "1" }, { name: "b", digest: null }] },
  ];
  const heldBack = {
    revision: `main@sha1:${ID}`,
    author: "Ada",
    subject: "More to read",
    reason: 'Workflow "a" would run as in "main@sha1:0"',
    takenBack,
  };
  const channels: readonly ChannelStatus[] = [{
    name: "stable",
    branch: "main",
    head: ID,
    definitions: 2,
    diagnostics: [],
    workflows: [{ namespace: "default", name: "a", revision: `main@sha1:${ID}`, heldBack }],
    canary,
    previous: "main@sha1:2",
    refused,
  }];
  const { url, close } = served("127.0.0.1", channels);
  try {
    deepEqual(await koreo(["channels", "--controller", url]), {
      code: 1,
      stdout: `stable (main) at ${ID}: 2 definitions
  default/a  main@sha1:${ID}
    held back: main@sha1:${ID}
      "More to read" by Ada
      Workflow "a" would run as in "main@sha1:0"
  tries: main@sha1:${ID}
    on 10 % of the triggers, since 2023-11-14T22:13:20Z, soaks until 2023-11-14T22:23:20Z
    2 of 3 triggers ran, 1 ready, 0 failed
    waits: Site "team-a/web" has not run from it
  taken back: main@sha1:00
    at 2023-11-14T22:13:19Z: it fails
  taken back: main@sha1:000
    at 2023-11-14T22:13:19Z: it fails
    Workflows: ${many.slice(0, 20).map(({ name }) => name).join(", ")} and 3 more
  taken back: main@sha1:0
    at 2023-11-14T22:13:19Z: it fails
    Workflows: a, b (gone)
`,
      stderr: "",
    });
    const { stdout } = await koreo(["channels", "--controller", url, "-o", "json"]);
    deepEqual((await documentOf("channels", stdout)).channels, channels);
  } finally {
    await close();
  }
});

Deno.test("a controller tells the document of koreo channels -o json, and no source text", async () => {
  const { url, close } = served();
  try {
    const response = await fetch(`${url}/api/v1/channels`);
    deepEqual(
      [
        response.status,
        response.headers.get("content-type"),
        response.headers.get("cache-control"),
      ],
      [200, "application/json; charset=utf-8", "no-store"],
    );
    const text = await response.text();
    equal(text.includes("hunter2"), false);
    const { stdout } = await koreo(["channels", "--controller", `${url}/`, "-o", "json"]);
    deepEqual(JSON.parse(text), await documentOf("channels", stdout));
    const posted = await fetch(`${url}/api/v1/channels`, { method: "POST", body: "{}" });
    await posted.body?.cancel();
    equal(posted.status, 405);
  } finally {
    await close();
  }
});

const outside = Deno.networkInterfaces().find(({ family, address, name }) =>
  family === "IPv4" && !address.startsWith("127.") && name !== "lo"
)?.address;

Deno.test({
  name: "a controller tells of its channels to its own machine alone",
  ignore: outside === undefined,
  async fn() {
    const { url, close } = served("0.0.0.0");
    const { port } = new URL(url);
    try {
      const from = `http://${outside}:${port}`;
      deepEqual(await koreo(["channels", "--controller", from]), {
        code: 3,
        stdout: "",
        stderr: `error: Cannot ask the controller at ${from}: ` +
          'Ask from the same machine, such as through "kubectl port-forward"\n',
      });
      const health = await fetch(`${from}/healthz`);
      deepEqual([health.status, await health.text()], [200, "ok\n"]);
      equal((await koreo(["channels", "--controller", `http://127.0.0.1:${port}`])).code, 1);
    } finally {
      await close();
    }
  },
});

const OTHERS: readonly (readonly [name: string, answer: () => Response, why: RegExp])[] = [
  ["another page", () => new Response("<h1>Hello</h1>"), /no koreo controller.*\(status 200\)/],
  ["a missing page", () => new Response("no", { status: 404 }), /older one \(status 404\)/],
  [
    "a redirect elsewhere",
    () => new Response(null, { status: 302, headers: { location: "https://example.com" } }),
    /no koreo controller.*\(status 302\)/,
  ],
  ["JSON of another sort", () => Response.json({ channels: [{}] }), /it tells of no channels$/],
  [
    "JSON that is broken",
    () => new Response("{", { headers: { "content-type": "application/json" } }),
    /no koreo controller/,
  ],
];

for (const [name, answer, why] of OTHERS) {
  Deno.test(`koreo channels --controller tells ${name} from a controller`, async () => {
    const { url, close } = serveLoopback(answer, { port: 0 });
    try {
      const { code, stdout, stderr } = await koreo(["channels", "--controller", url]);
      deepEqual([code, stdout], [3, ""]);
      match(stderr.trimEnd(), why);
    } finally {
      await close();
    }
  });
}

Deno.test("koreo channels --controller says that nobody answers", async () => {
  const { url, close } = serveLoopback(() => new Response(), { port: 0 });
  await close();
  const { code, stderr } = await koreo(["channels", "--controller", url]);
  equal(code, 3);
  match(
    stderr,
    /^error: Cannot ask the controller at http:\S+: Connection refused; it answers where --listen says/,
  );
});

Deno.test("a controller that does not answer in time, or at length, is given up", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const { url, close } = serveLoopback(async ({ url }) => {
    if (url.endsWith("/slow")) await promise;
    return Response.json({ text: "x".repeat(1_000) });
  }, { port: 0 });
  const { signal } = new AbortController();
  try {
    await rejects(askController(new URL(url), "slow", { signal, timeoutMs: 20 }), {
      name: "ControllerError",
      code: "timeout",
      message: `Cannot ask the controller at ${url}: no answer within 0.02 s`,
    });
    await rejects(askController(new URL(url), "long", { signal, maxBytes: 100 }), {
      code: "no-controller",
      message: /\(more than 100 bytes\)$/,
    });
    deepEqual(await askController(new URL(url), "long", { signal }), { text: "x".repeat(1_000) });
  } finally {
    resolve();
    await close();
  }
});

const SLIPS: readonly (readonly [args: readonly string[], stderr: string])[] = [
  [
    ["--controller", "localhost:8080"],
    'error: Cannot use "localhost:8080" for --controller: expected a URL, such as ' +
    '"http://127.0.0.1:8080"\n',
  ],
  [
    ["--controller", "http://127.0.0.1:1", "--repo", "."],
    "error: Cannot use --repo together with --controller: it knows its channels\n",
  ],
];

for (const [args, stderr] of SLIPS) {
  Deno.test(`koreo channels refuses ${args.join(" ")}`, async () => {
    deepEqual(await koreo(["channels", ...args]), { code: 2, stdout: "", stderr });
  });
}

// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, rejects, throws } from "node:assert/strict";
import { delimiter } from "node:path";
import type { ServerAccess } from "../../../src/adapters/kubernetes/access.ts";
import {
  type ClusterChoice,
  loadClusterConfig,
} from "../../../src/adapters/kubernetes/cluster_config.ts";
import { kubeConfigAccess } from "../../../src/adapters/kubernetes/kubeconfig_access.ts";
import { serviceAccountConfig } from "../../../src/adapters/kubernetes/service_account.ts";
import { ClusterConfigError, connectCluster } from "../../../src/adapters/kubernetes/mod.ts";
import { withEnvironment } from "../../own_environment.ts";
import { startLoopbackApi } from "./loopback_api.ts";

const TOKEN = "s3cr3t-t0ken";
const SIGNAL = { signal: new AbortController().signal };
const PATH = {
  apiVersion: "v1",
  kind: "ConfigMap",
  plural: "configmaps",
  namespace: "a",
  name: "b",
};

/** A directory of files that is gone after the test. */
async function directory(files: Record<string, string> = {}) {
  const path = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(`${path}/${name}`, text);
  }
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

interface Written {
  readonly cluster?: object;
  readonly user?: object;
  readonly context?: object;
  readonly current?: string;
}

/** A kubeconfig as JSON, which is YAML too. */
function kubeconfig({ cluster, user, context, current = "c" }: Written = {}): string {
  return JSON.stringify({
    "current-context": current,
    clusters: [{ name: "k", cluster: { server: "https://127.0.0.1:6443/", ...cluster } }],
    users: [{ name: "u", user: { token: TOKEN, ...user } }],
    contexts: [{ name: "c", context: { cluster: "k", user: "u", ...context } }],
  });
}

async function load(text: string, choice: ClusterChoice = {}): Promise<ServerAccess> {
  await using files = await directory({ config: text });
  return loadClusterConfig({ kubeconfig: `${files.path}/config`, ...choice });
}

Deno.test("a kubeconfig says the server, the namespace and the token", async () => {
  const access = await load(kubeconfig({ context: { namespace: "team-a" } }));
  equal(access.server, "https://127.0.0.1:6443");
  equal(access.namespace, "team-a");
  deepEqual(await access.current(), {
    headers: { Authorization: `Bearer ${TOKEN}` },
    caCertificates: [],
  });
});

Deno.test("a server behind a path keeps its path", async () => {
  const access = await load(
    kubeconfig({ cluster: { server: "https://rancher/k8s/clusters/c-1/" } }),
  );
  equal(access.server, "https://rancher/k8s/clusters/c-1");
});

Deno.test("plain HTTP is taken as it is", async () => {
  const access = await load(kubeconfig({ cluster: { server: "http://127.0.0.1:8001" } }));
  deepEqual((await access.current()).headers, { Authorization: `Bearer ${TOKEN}` });
});

/** A token that does not expire: nobody asks for another one. */
const ID_TOKEN = [{ alg: "none" }, { exp: 4_102_444_800 }].map((part) => btoa(JSON.stringify(part)))
  .concat("signature").join(".");
const PROVIDED = { "id-token": ID_TOKEN, "access-token": ID_TOKEN };

const USERS = [
  {
    name: "a user name and a password",
    user: { token: undefined, username: "u", password: "p" },
    expected: { headers: { authorization: `Basic ${btoa("u:p")}` }, caCertificates: [] },
  },
  {
    name: "another user to act as",
    user: { as: "jane" },
    expected: {
      headers: { "Impersonate-User": "jane", Authorization: `Bearer ${TOKEN}` },
      caCertificates: [],
    },
  },
  {
    name: "a client certificate",
    user: {
      token: undefined,
      "client-certificate-data": btoa("CERT"),
      "client-key-data": btoa("KEY"),
    },
    expected: {
      headers: {},
      caCertificates: [],
      identity: { certificate: "CERT", key: "KEY" },
    },
  },
  ...["oidc", "gcp", "azure"].map((provider) => ({
    name: `the authentication provider ${provider}`,
    user: { token: undefined, "auth-provider": { name: provider, config: PROVIDED } },
    expected: { headers: { Authorization: `Bearer ${PROVIDED["id-token"]}` }, caCertificates: [] },
  })),
] as const;

for (const { name, user, expected } of USERS) {
  Deno.test(`a kubeconfig may name ${name}`, async () => {
    deepEqual(await (await load(kubeconfig({ user }))).current(), expected);
  });
}

Deno.test("files that a kubeconfig names lie beside it", async () => {
  const text = kubeconfig({ cluster: { "certificate-authority": "ca.crt" } });
  await using files = await directory({ config: text, "ca.crt": "PEM" });
  const access = loadClusterConfig({ kubeconfig: `${files.path}/config` });
  deepEqual((await access.current()).caCertificates, ["PEM"]);
});

Deno.test("KUBECONFIG may name several files: the first that names a thing counts", async () => {
  await using files = await directory({
    one: kubeconfig({ current: "" }),
    two: kubeconfig({ cluster: { server: "https://other:6443" } }),
  });
  const names = ["one", "missing", "two"].map((name) => `${files.path}/${name}`);
  const access = await withEnvironment(
    { KUBECONFIG: names.join(delimiter) },
    () => loadClusterConfig({}),
  );
  equal(access.server, "https://127.0.0.1:6443");
});

Deno.test("a plug-in is told how it is called, and asked once for many requests", async () => {
  const script = 'echo x >> "$1"; echo "$KUBERNETES_EXEC_INFO" >&2; ' +
    `echo '{"status":{"token":"${TOKEN}"}}'; test "$2" = "$KUBERNETES_EXEC_INFO"`;
  const told = JSON.stringify({
    kind: "ExecCredential",
    apiVersion: "client.authentication.k8s.io/v1beta1",
    spec: { interactive: false },
  });
  await using files = await directory();
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "sh",
    args: ["-c", script, "sh", `${files.path}/calls`, told],
  };
  const access = await load(kubeconfig({ user: { token: undefined, exec } }));
  const all = await Promise.all(Array.from({ length: 20 }, () => access.current()));
  deepEqual(all[19]?.headers, { Authorization: `Bearer ${TOKEN}` });
  equal(await Deno.readTextFile(`${files.path}/calls`), "x\n");
});

Deno.test("a plug-in that prints no JSON is not quoted", async () => {
  const exec = { command: "echo", args: [`token=${TOKEN}`] };
  const access = await load(kubeconfig({ user: { token: undefined, exec } }));
  await rejects(
    access.current(),
    (error) =>
      error instanceof ClusterConfigError && error.code === "credentials-failed" &&
      !Deno.inspect(error).includes(TOKEN),
  );
});

Deno.test("a token file is read again when the server refuses what was in it", async () => {
  await using api = startLoopbackApi(({ headers }) =>
    headers.get("authorization") === "Bearer new"
      ? Response.json({ metadata: {} })
      : Response.json({ kind: "Status", message: "Unauthorized", code: 401 }, { status: 401 })
  );
  await using files = await directory({ token: "old\n" });
  const tokenFile = `${files.path}/token`;
  const text = kubeconfig({ cluster: { server: api.url }, user: { token: undefined, tokenFile } });
  await Deno.writeTextFile(`${files.path}/config`, text);
  using cluster = await connectCluster({ kubeconfig: `${files.path}/config` });
  await rejects(cluster.get(PATH, SIGNAL), { name: "ClusterError", status: 401 });
  await Deno.writeTextFile(tokenFile, "new\n");
  const answers = await Promise.all(
    Array.from({ length: 5 }, () => cluster.get(PATH, SIGNAL)),
  );
  equal(answers.length, 5);
});

Deno.test("a token file lies beside its kubeconfig", async () => {
  const text = kubeconfig({ user: { token: undefined, tokenFile: "token" } });
  await using files = await directory({ config: text, token: "beside\n" });
  const access = loadClusterConfig({ kubeconfig: `${files.path}/config` });
  deepEqual((await access.current()).headers, { Authorization: "Bearer beside" });
});

Deno.test("outside a cluster there is no service account to use", async () => {
  await withEnvironment(
    { KUBERNETES_SERVICE_HOST: undefined },
    () =>
      rejects(() => connectCluster({ inCluster: true }), {
        name: "ClusterConfigError",
        code: "no-configuration",
      }),
  );
});

const SERVERS = [
  { host: "10.96.0.1", port: "443", server: "https://10.96.0.1:443" },
  { host: "fd00::1", port: "6443", server: "https://[fd00::1]:6443" },
  { host: "127.0.0.1", port: "8001", server: "http://127.0.0.1:8001" },
] as const;

for (const { host, port, server } of SERVERS) {
  Deno.test(`a Pod is told of ${server} by its environment`, async () => {
    await using files = await directory({ "ca.crt": "PEM", token: "old\n", namespace: "team-a" });
    const config = serviceAccountConfig({ host, port, directory: files.path });
    equal(config.clusters[0]?.server, server);
    equal(config.contexts[0]?.namespace, "team-a");
    deepEqual(await kubeConfigAccess(config)(), {
      headers: { Authorization: "Bearer old" },
      caCertificates: ["PEM"],
    });
  });
}

const FAULTS = [
  {
    name: "a file that is no YAML, without quoting it",
    text: `users:\n- token: ${TOKEN}\n  b: [\n`,
    code: "malformed",
    says: / in line \d+$/,
  },
  { name: "an empty file", text: "", code: "malformed", says: /the input is empty$/ },
  { name: "another document", text: "null", code: "malformed", says: /it holds no kubeconfig$/ },
  {
    name: "a cluster without a server",
    text: kubeconfig({ cluster: { server: "" } }),
    code: "malformed",
    says: /clusters\[0\]\.cluster\.server is missing$/,
  },
  {
    name: "a server that is no URL",
    text: kubeconfig({ cluster: { server: `ftp://u:${TOKEN}@h` } }),
    code: "malformed",
    says: /its server must be an http or https URL without credentials$/,
  },
  {
    name: "a context that is not there",
    text: kubeconfig(),
    choice: { context: "prod" },
    code: "no-such-context",
    says: /^Cannot use context "prod": the kubeconfig has "c"$/,
  },
  {
    name: "no current context",
    text: kubeconfig({ current: "" }),
    code: "no-such-context",
    says: /names no current one, and has "c"$/,
  },
  {
    name: "a context of a cluster that is not there",
    text: kubeconfig({ context: { cluster: "x" } }),
    code: "no-such-cluster",
    says: /has no cluster "x"$/,
  },
  {
    name: "insecure-skip-tls-verify",
    text: kubeconfig({ cluster: { "insecure-skip-tls-verify": true } }),
    code: "unsupported",
    says: /^Cannot connect to cluster "k" with insecure-skip-tls-verify: /,
  },
  {
    name: "tls-server-name",
    text: kubeconfig({ cluster: { "tls-server-name": "h" } }),
    code: "unsupported",
    says: /^Cannot connect to cluster "k" with tls-server-name: /,
  },
] as const;

for (const { name, text, code, says, ...rest } of FAULTS) {
  Deno.test(`a kubeconfig is refused for ${name}`, async () => {
    await rejects(load(text, "choice" in rest ? rest.choice : {}), (error) => {
      if (!(error instanceof ClusterConfigError)) return false;
      equal(error.code, code);
      equal(says.test(error.message), true, error.message);
      equal(Deno.inspect(error).includes(TOKEN), false);
      return true;
    });
  });
}

Deno.test("a kubeconfig that is not there is named", () => {
  throws(() => loadClusterConfig({ kubeconfig: "/nowhere/config" }), {
    code: "no-configuration",
    message: 'Cannot find a kubeconfig: looked for "/nowhere/config"',
  });
});

Deno.test("a directory is no kubeconfig", async () => {
  await using files = await directory();
  throws(() => loadClusterConfig({ kubeconfig: files.path }), { code: "unreadable-file" });
});

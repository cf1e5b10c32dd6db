// SPDX-License-Identifier: Apache-2.0

const DEPLOYMENT = Deno.readTextFileSync(new URL("../deploy/deployment.yaml", import.meta.url));

/** What the deployment says of the heap: what is measured runs with the same. */
export const V8_FLAGS: readonly string[] = DEPLOYMENT.match(/--v8-flags=\S+/g) ?? [];

/** What the container of the deployment may have. */
export const MEMORY_LIMIT_MEBIBYTES = Number(/limits: \{ memory: (\d+)Mi/.exec(DEPLOYMENT)?.[1]);

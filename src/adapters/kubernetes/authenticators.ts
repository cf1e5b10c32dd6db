// SPDX-License-Identifier: Apache-2.0

import type { RequestOptions } from "node:https";
import type { User } from "./kube_config.ts";

/** Puts the credentials of a user into the options of a request. */
export interface Authenticator {
  applyAuthentication(user: User, options: RequestOptions): Promise<void>;
}

/** How a user proves who it is, where that takes more than what stands in the kubeconfig. */
interface AuthenticatorChoice {
  suits(user: User): boolean;
  load(): Promise<Authenticator>;
}

/**
 * The library's, in its order. Its modules are imported one by one, and late: its entry brings the
 * classes of every kind of Kubernetes along, which are 65 MB that nobody here needs. So does that
 * of OpenID Connect, which therefore costs those alone who use it.
 */
const CHOICES: readonly AuthenticatorChoice[] = [
  {
    suits: ({ authProvider }) => authProvider?.name === "azure",
    load: async () => new (await import("@kubernetes/client-node/dist/azure_auth.js")).AzureAuth(),
  },
  {
    suits: ({ authProvider }) => authProvider?.name === "gcp",
    load: async () =>
      new (await import("@kubernetes/client-node/dist/gcp_auth.js")).GoogleCloudPlatformAuth(),
  },
  {
    suits: ({ exec, authProvider }) =>
      Boolean(exec || authProvider?.name === "exec" || authProvider?.config?.exec),
    load: async () => new (await import("@kubernetes/client-node/dist/exec_auth.js")).ExecAuth(),
  },
  {
    suits: ({ authProvider }) => Boolean(authProvider?.config?.tokenFile),
    load: async () => new (await import("@kubernetes/client-node/dist/file_auth.js")).FileAuth(),
  },
  {
    suits: ({ authProvider }) => authProvider?.name === "oidc",
    load: async () =>
      new (await import("@kubernetes/client-node/dist/oidc_auth.js")).OpenIDConnectAuth(),
  },
];

/** The authenticator of a user, which remembers its credentials; `undefined` when it needs none. */
export async function loadAuthenticator(user: User): Promise<Authenticator | undefined> {
  return await CHOICES.find(({ suits }) => suits(user))?.load();
}

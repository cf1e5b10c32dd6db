// SPDX-License-Identifier: Apache-2.0

/** Who we are to a server and whom we trust, at one moment. Holds credentials: never print it. */
export interface Access {
  /** Authorization and the like. */
  readonly headers: Readonly<Record<string, string>>;
  /** Certificates to trust, PEM; empty for those of the machine. */
  readonly caCertificates: readonly string[];
  /** Our own certificate and key, PEM. */
  readonly identity?: { readonly certificate: string; readonly key: string };
}

/** Where a server is. */
export interface ServerAddress {
  /** Base URL without credentials and without a slash at its end. */
  readonly server: string;
  /** Namespace that the configuration names; absent when it names none. */
  readonly namespace?: string;
  readonly proxyUrl?: string;
}

/** A server and how to be let in. */
export interface ServerAccess extends ServerAddress {
  /** The present credentials. Tokens rotate: ask before every request. */
  current(): Promise<Access>;
  /** Called when the server no longer accepts `refused`: reads the configuration anew. */
  renew(refused: Access): void;
}

/** Asks for credentials and can be told to start over. */
export interface AccessSource {
  ask(): Promise<Access>;
  reload(): void;
}

/** How long credentials are taken as they are: asking again reads files. */
const FRESH_MS = 1_000;

/**
 * Asks at most once a second and once at a time: a credential plug-in is a process of its own.
 * When many requests are refused at once, only the first reloads.
 */
export function createServerAccess(address: ServerAddress, source: AccessSource): ServerAccess {
  let known: { readonly until: number; readonly access: Promise<Access> } | undefined;
  let latest: Access | undefined;

  function ask(): Promise<Access> {
    const access = source.ask();
    const asked = { until: Infinity, access };
    known = asked;
    access.then((given) => {
      latest = given;
      if (known === asked) known = { until: performance.now() + FRESH_MS, access };
    }, () => {
      if (known === asked) known = undefined;
    });
    return access;
  }

  return {
    ...address,
    current: () => known !== undefined && performance.now() < known.until ? known.access : ask(),
    renew(refused) {
      if (latest !== refused) return;
      latest = undefined;
      known = undefined;
      source.reload();
    },
  };
}

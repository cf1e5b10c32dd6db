// SPDX-License-Identifier: Apache-2.0

import { type HttpServer, type ListenAddress, serveAt } from "../adapters/http_server.ts";
import { systemClock, systemYield } from "../adapters/system.ts";
import { createWebhookHandler, readWebhookSecrets } from "../adapters/webhook/mod.ts";
import type { Controller, ReleaseRegistry } from "../controller/mod.ts";
import type { Logger } from "../runtime/ports.ts";
import type { OpenedMetrics } from "./open_metrics.ts";
import { CHANNELS_PATH, channelsDocument } from "./channels_document.ts";
import { exactJson } from "./command.ts";
import { UsageError } from "./command_io.ts";
import { isLocalRequest } from "./local_request.ts";
import { resolvedInForce } from "./resolve_definitions.ts";
import { RESOLVE_PATH } from "./resolve_document.ts";
import { unknownChannelText } from "./unknown_channel.ts";

/** What the controller's HTTP server is told. */
export interface ServerSettings {
  readonly address: ListenAddress;
  /** Without it there is no webhook. */
  readonly webhookSecretFile?: string;
}

/** What the server speaks about. */
export interface ServedController {
  readonly controller: Pick<Controller, "status">;
  readonly registry: Pick<ReleaseRegistry, "status" | "wake" | "inForce" | "whyNotReady">;
  readonly logger: Logger;
  /** Absent: nothing is measured. */
  readonly metrics?: Pick<OpenedMetrics, "page">;
}

type Route = (request: Request, sender: string) => Response | Promise<Response>;

/**
 * Serves `/healthz`, `/readyz`, `/metrics`, `/hooks/git` and, to this machine, `/api/v1/channels` and
 * `/api/v1/resolve`.
 *
 * @throws {ListenError} If it cannot listen there
 */
export function serveController(settings: ServerSettings, served: ServedController): HttpServer {
  const routes = new Map<string, Route>([
    ["/healthz", read(() => says(200, "ok"))],
    ["/readyz", read(() => readiness(served))],
    [
      `/${CHANNELS_PATH}`,
      local(() => json(channelsDocument(served.registry.status()))),
    ],
    [`/${RESOLVE_PATH}`, local((request) => resolution(request, served))],
  ]);
  const { metrics } = served;
  if (metrics !== undefined) routes.set("/metrics", read(() => metrics.page(served)));
  const { webhookSecretFile } = settings;
  if (webhookSecretFile !== undefined) {
    routes.set(
      "/hooks/git",
      createWebhookHandler({
        clock: systemClock,
        logger: served.logger,
        secrets: () => readWebhookSecrets(webhookSecretFile),
        wake: () => served.registry.wake(),
      }),
    );
  }
  return serveAt(settings.address, (request, sender) => {
    const route = routes.get(new URL(request.url).pathname);
    return route === undefined ? says(404, "There is nothing here") : route(request, sender);
  });
}

function read(answer: (request: Request) => Response | Promise<Response>): Route {
  return (request) =>
    request.method === "GET" || request.method === "HEAD"
      ? answer(request)
      : says(405, "Ask with GET", { allow: "GET, HEAD" });
}

/** What names branches, commits and authors is for this machine alone. */
function local(answer: (request: Request) => Response | Promise<Response>): Route {
  return (request, sender) =>
    isLocalRequest(request, sender)
      ? read(answer)(request, sender)
      : says(403, `Ask from the same machine, such as through "kubectl port-forward"`);
}

/** What is in force of the channel that is asked for; of the default one when none is. */
async function resolution(
  { url }: Request,
  { registry }: Pick<ServedController, "registry">,
): Promise<Response> {
  const wanted = new URL(url).searchParams.get("channel") ?? undefined;
  const found = registry.inForce(wanted);
  if (found === undefined) {
    return explains(404, unknownChannelText(wanted ?? "", registry.status().channels));
  }
  if (found.current.isLoaded) return json(await resolvedInForce(found, systemYield));
  const why = registry.whyNotReady(found.name);
  const message = `Nothing of channel "${found.name}" is in force yet`;
  return explains(503, why === undefined ? message : `${message}: ${why}`);
}

/** Why there is no answer, for `askController`. */
function explains(status: number, message: string): Response {
  return json({ error: { message } }, status);
}

function json(document: object, status = 200): Response {
  return new Response(`${exactJson(document)}\n`, {
    status,
    headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-store" },
  });
}

/** What is missing is said in words that tell nothing of the repository or the cluster. */
function readiness({ controller, registry }: ServedController): Response {
  const missing = [
    ...registry.status().channels.some(({ head }) => head !== null)
      ? []
      : ["no revision is loaded yet"],
    ...controller.status().isReady ? [] : ["the cluster has not listed what is watched yet"],
  ];
  return missing.length === 0 ? says(200, "ok") : says(503, missing.join("\n"));
}

function says(status: number, text: string, headers: Record<string, string> = {}): Response {
  return new Response(`${text}\n`, {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...headers },
  });
}

/**
 * Reads `--listen`: `0.0.0.0:8080`, `[::]:8080`, or `:8080` for every address.
 *
 * @throws {UsageError} If it is no address with a port
 */
export function listenAddress(text: string): ListenAddress {
  const [, bracketed, plain, digits] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]/]*)):(\d{1,5})$/i.exec(text) ??
      [];
  const port = Number(digits ?? Number.NaN);
  if (port <= 65_535) return { hostname: bracketed ?? (plain || "0.0.0.0"), port };
  throw new UsageError(
    `Cannot use "${text}" for --listen: expected ADDRESS:PORT, such as "0.0.0.0:8080"`,
  );
}

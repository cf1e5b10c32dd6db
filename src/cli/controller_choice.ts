// SPDX-License-Identifier: Apache-2.0

import { Option, type OptionValues } from "commander";
import { askController, ControllerError } from "../adapters/controller_client.ts";
import type { Abortable } from "../runtime/ports.ts";
import { UsageError } from "./command_io.ts";
import { givenDefinitionFlag } from "./configuration_options.ts";

/** `--controller`: whom to ask instead of reading a repository. */
export function controllerOption(): Option {
  return new Option("--controller <url>", "ask a running controller, in place of a repository")
    .env("KOREO_CONTROLLER");
}

/**
 * The controller to ask; `undefined` where none was named.
 *
 * @throws {UsageError} If that is no URL, or something is said that the controller knows itself
 */
export function controllerUrl(options: OptionValues): URL | undefined {
  if (options["controller"] === undefined) return undefined;
  const twice = givenDefinitionFlag(options);
  if (twice !== undefined) {
    throw new UsageError(`Cannot use --${twice} together with --controller: it knows its channels`);
  }
  const text = String(options["controller"]);
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) return url;
  throw new UsageError(
    `Cannot use "${text}" for --controller: expected a URL, such as "http://127.0.0.1:8080"`,
  );
}

/** What a controller is asked for, and how its answer is read. */
export interface Question<T> {
  readonly path: string;
  /** `undefined` when a document is none that answers it. */
  readonly read: (document: unknown) => T | undefined;
  /** What such a document tells of, in a message. */
  readonly about: string;
}

/**
 * Asks a controller.
 *
 * @throws {UsageError} If it knows nothing of that name
 * @throws {ControllerError} If there is no answer, or none of a controller
 */
export async function asked<T>(
  controller: URL,
  { path, read, about }: Question<T>,
  options: Abortable,
): Promise<T> {
  const answer = read(await askController(controller, path, options).catch(asUsageError));
  if (answer !== undefined) return answer;
  throw new ControllerError(
    "no-controller",
    `Cannot read the answer of the controller at ${controller.origin}: it tells of no ${about}`,
  );
}

/** Whoever asks for what there is not is told so as by a command that looks itself. */
function asUsageError(error: unknown): never {
  if (error instanceof ControllerError && error.code === "unknown-name") {
    throw new UsageError(error.message);
  }
  throw error;
}

// SPDX-License-Identifier: Apache-2.0

import { type Command, Option, type OptionValues } from "commander";
import type { AnsweredRequest, ReleaseRequest } from "../../controller/mod.ts";
import { ClusterError } from "../../runtime/ports.ts";
import { outputOption, setting, writeJson } from "../command.ts";
import { type CommandIo, EXIT } from "../command_io.ts";
import { durationOption } from "../duration.ts";
import { openCluster } from "../open_cluster.ts";
import { kubeconfigChoice, kubeconfigOptions } from "../reconcile_settings.ts";
import { DEFAULT_RECORD_NAMESPACE, recordNamespace } from "../record_settings.ts";
import { askRelease } from "./ask_release.ts";
import { openHead, type ReadHead } from "./open_head.ts";

/** Adds what the commands take that ask the controller for a step. */
export function addReleaseOptions(command: Command): Command {
  return [
    ...kubeconfigOptions(),
    setting("--record-namespace <name>", "namespace in which the controller keeps its record")
      .default(DEFAULT_RECORD_NAMESPACE),
    new Option("--reason <text>", "why, for whoever wonders later: koreo channels shows it"),
    new Option("--timeout <duration>", "how long the controller may take to answer").default("30s"),
    outputOption(),
  ].reduce((made, option) => made.addOption(option), command);
}

/** What is asked for, and which revision is meant: empty for whichever it is. */
export interface AskedStep {
  readonly channel: string;
  readonly type: ReleaseRequest["type"];
  readonly revision: (head: ReadHead) => string;
  /** What a rollback is meant to take back; absent: what it names says enough. */
  readonly takingBack?: (head: ReadHead) => string | undefined;
}

/** Asks for a step, and says what became of it. */
export async function askAndTell(
  { channel, type, revision, takingBack }: AskedStep,
  options: OptionValues,
  io: CommandIo,
): Promise<number> {
  const timeoutMs = durationOption("--timeout", options["timeout"]);
  const { signal } = io;
  const namespace = recordNamespace(String(options["recordNamespace"]));
  const opened = await openCluster(kubeconfigChoice(options));
  try {
    const { cluster } = opened;
    const head = await openHead(channel, { cluster, namespace }, { signal });
    const reason: string | undefined = options["reason"];
    const request = { type, revision: revision(head), takingBack: takingBack?.(head), reason };
    const answer = await askRelease({ cluster, path: head.path }, request, { timeoutMs, signal });
    tell(channel, answer, { options, io });
    return answer.result === "done" ? EXIT.fine : EXIT.findings;
  } catch (error) {
    throw withPermissions(error, `koreo ${type}`);
  } finally {
    await opened.close();
  }
}

/** Says what the command needs where the server refuses it something. */
function withPermissions(error: unknown, command: string): unknown {
  if (!(error instanceof ClusterError) || error.status !== 403) return error;
  const message = `${error.message}; ${command} needs to get, list and patch ConfigMaps there`;
  return new ClusterError(error.code, message, { status: error.status, cause: error });
}

function tell(
  channel: string,
  { type, result, message, inForce }: AnsweredRequest,
  { options, io }: { readonly options: OptionValues; readonly io: CommandIo },
): void {
  if (options["output"] === "json") {
    writeJson(io, { channel, request: type, result, message, inForce });
  } else if (result === "done") io.stdout(`${message}\n`);
  else io.stderr(`error: ${message}\n`);
}

// SPDX-License-Identifier: Apache-2.0

import { createManualClock, createSimulator, type Simulator } from "../../src/simulator/mod.ts";

/** What a command printed. */
export interface CommandOutput {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A simulator on a port of loopback, and kubectl pointed at it. */
export interface KubectlSession extends AsyncDisposable {
  readonly simulator: Simulator;
  /** Runs kubectl; `input` is its standard input. */
  run(args: readonly string[], input?: string): Promise<CommandOutput>;
  /** Starts kubectl and leaves it running. */
  start(args: readonly string[]): Deno.ChildProcess;
}

/** Whether kubectl can be started here. */
export const HAS_KUBECTL = await hasKubectl();

async function hasKubectl(): Promise<boolean> {
  try {
    const { success } = await new Deno.Command("kubectl", { args: ["version", "--client"] })
      .output();
    return success;
  } catch {
    // Not installed, or not allowed to start.
    return false;
  }
}

/** Serves a fresh simulator for kubectl. */
export async function startKubectlSession(): Promise<KubectlSession> {
  const simulator = createSimulator({ clock: createManualClock() });
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    simulator.serve,
  );
  const directory = await Deno.makeTempDir();
  const command = (args: readonly string[], stdin: "piped" | "null") =>
    new Deno.Command("kubectl", {
      args: [`--server=http://127.0.0.1:${server.addr.port}`, `--cache-dir=${directory}`, ...args],
      env: { KUBECONFIG: `${directory}/none`, HOME: directory },
      stdin,
      stdout: "piped",
      stderr: "piped",
    }).spawn();
  return {
    simulator,
    run: (args, input) => finish(command(args, input === undefined ? "null" : "piped"), input),
    start: (args) => command(args, "null"),
    async [Symbol.asyncDispose]() {
      simulator.close();
      await server.shutdown();
      await Deno.remove(directory, { recursive: true });
    },
  };
}

async function finish(child: Deno.ChildProcess, input?: string): Promise<CommandOutput> {
  if (input !== undefined) {
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(input));
    await writer.close();
  }
  const { code, stdout, stderr } = await child.output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}

// SPDX-License-Identifier: Apache-2.0

import type { ClusterBinaries } from "./build_binaries.ts";

/** A Kubernetes API server of our own, on loopback, with state that nobody keeps. */
export interface ApiServer extends AsyncDisposable {
  /** `https://127.0.0.1:<port>`. */
  readonly url: string;
  /** Kubeconfig file of its administrator. */
  readonly kubeconfig: string;
  readonly pid: number;
  /** Ends the process; the state stays. */
  stop(): Promise<void>;
  /** Starts it again on its ports and its state. */
  startAgain(): Promise<void>;
  /** Ends the process and removes its state. */
  close(): Promise<void>;
}

/** Thrown when the server does not come up. */
export class ApiServerError extends Error {
  override readonly name = "ApiServerError";
}

/** Another process may take a port between the choice and the start. */
const START_ATTEMPTS = 3;
const STOP_MS = 5_000;
const LAST_LINES = 15;

/** Starts a server on free ports and waits until it is ready (2 to 3 s). */
export async function startApiServer(
  binaries: Pick<ClusterBinaries, "apiServer">,
): Promise<ApiServer> {
  for (let attempt = 1;; attempt++) {
    try {
      return await startOnce(binaries.apiServer);
    } catch (error) {
      if (attempt === START_ATTEMPTS || !(error instanceof ApiServerError)) throw error;
    }
  }
}

async function startOnce(program: string): Promise<ApiServer> {
  const directory = await Deno.makeTempDir({ prefix: "kube-apiserver-" });
  const [port, etcdPort] = freePorts();
  const kubeconfig = `${directory}/kubeconfig`;
  const launch = () =>
    launchProcess(program, [
      // The pipe closes with this process, however it ends, and takes the server along.
      "-until-eof",
      `-dir=${directory}/state`,
      `-port=${port}`,
      `-etcd-port=${etcdPort}`,
      `-kubeconfig=${kubeconfig}`,
    ]);
  const removeState = () => Deno.remove(directory, { recursive: true });
  let running = await launch().catch(async (error) => {
    await removeState();
    throw error;
  });
  const close = async (): Promise<void> => {
    await running.stop();
    await removeState();
  };
  return {
    url: `https://127.0.0.1:${port}`,
    kubeconfig,
    get pid() {
      return running.pid;
    },
    stop: () => running.stop(),
    async startAgain() {
      running = await launch();
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

interface RunningServer {
  readonly pid: number;
  stop(): Promise<void>;
}

async function launchProcess(program: string, args: string[]): Promise<RunningServer> {
  const process = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const log = collectLastLines(process.stderr);
  const end = async (): Promise<void> => {
    await stop(process);
    await log.finished;
  };
  if (await saysReady(process.stdout)) return { pid: process.pid, stop: end };
  await end();
  throw new ApiServerError(`Cannot start the API server for tests:\n${log.lines.join("\n")}`);
}

/** Ports for the API server and for etcd, which takes the next one as well. */
function freePorts(): readonly [number, number] {
  for (;;) {
    using one = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    using other = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const [port, etcdPort] = [one.addr.port, other.addr.port];
    if (port !== etcdPort + 1 && isFree(etcdPort + 1)) return [port, etcdPort];
  }
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch {
    return false; // taken, or beyond the last port: either way not ours
  }
}

/** Whether the server came up; `false` when it ended first. */
async function saysReady(stdout: ReadableStream<Uint8Array>): Promise<boolean> {
  const reader = stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return false;
    text += value;
    if (text.includes("READY ")) {
      await reader.cancel();
      return true;
    }
  }
}

/** Reads a stream to its end and keeps its last lines. */
function collectLastLines(
  stream: ReadableStream<Uint8Array>,
): { readonly lines: readonly string[]; readonly finished: Promise<void> } {
  const lines: string[] = [];
  const read = async (): Promise<void> => {
    let rest = "";
    for await (const text of stream.pipeThrough(new TextDecoderStream())) {
      const parts = (rest + text).split("\n");
      rest = parts.pop() ?? "";
      lines.push(...parts);
      lines.splice(0, lines.length - LAST_LINES);
    }
  };
  return { lines, finished: read() };
}

async function stop(process: Deno.ChildProcess): Promise<void> {
  const patience = setTimeout(() => process.kill("SIGKILL"), STOP_MS);
  try {
    process.kill("SIGTERM");
  } catch {
    // it has ended already
  }
  await process.status;
  clearTimeout(patience);
  await process.stdin.close().catch(() => {}); // the pipe broke with the process
}

// SPDX-License-Identifier: Apache-2.0

import { ObjectMissingError, TransportError } from "./failure.ts";
import { kill, spawnGit } from "./git_process.ts";
import { objectHash } from "./object_hash.ts";
import type { RawObject } from "./pack_cache.ts";

/** How objects are read. */
export interface ObjectProcessSettings {
  readonly env: Readonly<Record<string, string>>;
  /** Bytes of a blob. */
  readonly maxFileBytes: number;
  /** Bytes of any other object. */
  readonly maxObjectBytes: number;
  /** Longest wait for one object. */
  readonly timeoutMs: number;
}

/** One long-lived `git cat-file --batch`. */
export interface ObjectProcess {
  /** The object, its id proved. Rejects with a `code` of `NotFoundError` when there is none. */
  read(id: string): Promise<RawObject>;
  /** Ends the process; resolves when it is gone. */
  close(): Promise<void>;
}

const OBJECT_ID = /^[0-9a-f]{40}$/;

/**
 * Reads objects through git, one at a time: a question is one line, and starting a process for each
 * would cost a hundred times as much. The process starts with the first question, and anew after
 * one that it could not be trusted to finish.
 */
export function createObjectProcess(settings: ObjectProcessSettings): ObjectProcess {
  let batch: Batch | undefined;
  let last: Promise<unknown> = Promise.resolve();
  let isClosed = false;
  const readNow = async (id: string): Promise<RawObject> => {
    if (isClosed) throw new TransportError("unreachable", "the repository was closed");
    batch ??= startBatch(settings.env);
    const { ask, end } = batch;
    const late = setTimeout(end, settings.timeoutMs);
    try {
      return proved(id, await ask(id, settings));
    } catch (error) {
      if (error instanceof ObjectMissingError) throw error;
      batch = undefined;
      await end();
      throw error;
    } finally {
      clearTimeout(late);
    }
  };
  return {
    read(id) {
      if (!OBJECT_ID.test(id)) return Promise.reject(new ObjectMissingError(id));
      const reading = last.then(() => readNow(id));
      last = reading.catch(() => {});
      return reading;
    },
    async close() {
      isClosed = true;
      await batch?.end();
    },
  };
}

interface Batch {
  ask(id: string, limits: ObjectProcessSettings): Promise<RawObject>;
  end(): Promise<void>;
}

function startBatch(env: Readonly<Record<string, string>>): Batch {
  const child = spawnGit(["cat-file", "--batch"], env, "piped");
  const writer = child.stdin.getWriter();
  const output = createByteReader(child.stdout);
  // What it complains about shows in its answers; the pipe must not fill up.
  child.stderr.pipeTo(new WritableStream()).catch(() => {});
  let ended: Promise<void> | undefined;
  const end = (): Promise<void> =>
    ended ??= (async () => {
      kill(child, "SIGKILL");
      await output.cancel();
      await writer.abort().catch(() => {});
      await child.status;
    })();
  return {
    end,
    async ask(id, limits) {
      await writer.write(new TextEncoder().encode(`${id}\n`)).catch(gone);
      const header = await output.line();
      const [, type, digits] = /^[0-9a-f]{40} (commit|tree|blob|tag) (\d+)$/.exec(header) ?? [];
      if (type === undefined) {
        if (header === `${id} missing`) throw new ObjectMissingError(id);
        throw new TransportError("broken-transfer", `git answers "${header.slice(0, 100)}"`);
      }
      const bytes = await output.bytes(boundedSize(type, Number(digits), limits));
      await output.bytes(1); // the line break behind the content
      return { type, bytes };
    },
  };
}

function boundedSize(type: string, size: number, limits: ObjectProcessSettings): number {
  const limit = type === "blob" ? "maxFileBytes" : "maxObjectBytes";
  if (size <= limits[limit]) return size;
  const text = `it has ${size} bytes, more than ${limits[limit]} (${limit})`;
  throw new TransportError("limit-exceeded", text);
}

/** Content decides the id: a mirror on disk may be damaged. */
function proved(id: string, object: RawObject): RawObject {
  if (objectHash(object).digest("hex") === id) return object;
  throw new TransportError("broken-transfer", `object ${id} has another content`);
}

function gone(): never {
  throw new TransportError("broken-transfer", "git ended while an object was read");
}

const MAX_LINE_BYTES = 1_024;

interface ByteReader {
  /** Up to the next line break, without it. */
  line(): Promise<string>;
  /** So many bytes. */
  bytes(count: number): Promise<Uint8Array>;
  cancel(): Promise<void>;
}

function createByteReader(stream: ReadableStream<Uint8Array>): ByteReader {
  const reader = stream.getReader();
  let rest: Uint8Array = new Uint8Array();
  const more = async (): Promise<Uint8Array> => {
    const { done, value } = await reader.read();
    return done ? gone() : value;
  };
  return {
    cancel: () => reader.cancel().catch(() => {}),
    async line() {
      let text = "";
      for (;;) {
        const end = rest.indexOf(0x0a);
        text += new TextDecoder("latin1").decode(end < 0 ? rest : rest.subarray(0, end));
        if (text.length > MAX_LINE_BYTES) return text;
        if (end >= 0) {
          rest = rest.subarray(end + 1);
          return text;
        }
        rest = await more();
      }
    },
    async bytes(count) {
      const whole = new Uint8Array(count);
      for (let at = 0; at < count;) {
        if (rest.length === 0) rest = await more();
        const piece = rest.subarray(0, count - at);
        whole.set(piece, at);
        rest = rest.subarray(piece.length);
        at += piece.length;
      }
      return whole;
    },
  };
}

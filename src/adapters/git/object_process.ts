// SPDX-License-Identifier: Apache-2.0

import { ObjectMissingError, TransportError } from "./failure.ts";
import { kill, spawnGit } from "./git_process.ts";
import { objectHash } from "./object_hash.ts";
import type { RawObject } from "./pack_cache.ts";
import { requireSize, type SizeLimit } from "./size_limit.ts";

/** How objects are read. */
export interface ObjectProcessSettings {
  readonly env: Readonly<Record<string, string>>;
  /** Bytes of a blob of which nothing else is said. */
  readonly maxFileBytes: number;
  /** Bytes of any other object. */
  readonly maxObjectBytes: number;
  /** Longest wait for one object. */
  readonly timeoutMs: number;
}

/** One long-lived `git cat-file --batch`. */
export interface ObjectProcess {
  /** The object, its id proved. Rejects with a `code` of `NotFoundError` when there is none. */
  read(id: string, limit?: SizeLimit): Promise<RawObject>;
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
  const readNow = async (id: string, limit: SizeLimit): Promise<RawObject> => {
    if (isClosed) throw new TransportError("unreachable", "the repository was closed");
    batch ??= startBatch(settings.env);
    const { ask, end } = batch;
    const late = setTimeout(end, settings.timeoutMs);
    try {
      return proved(id, await ask(id, (found) => boundedSize(found, limit, settings)));
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
    read(id, limit = {}) {
      if (!OBJECT_ID.test(id)) return Promise.reject(new ObjectMissingError(id));
      const reading = last.then(() => readNow(id, limit));
      last = reading.catch(() => {});
      return reading;
    },
    async close() {
      isClosed = true;
      await batch?.end();
    },
  };
}

/** What git says of an object before its content. */
interface ObjectHeader {
  readonly type: string;
  readonly size: number;
}

interface Batch {
  /** Reads what git says of an object, has its size allowed, and only then reads its content. */
  ask(id: string, bounded: (found: ObjectHeader) => number): Promise<RawObject>;
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
    async ask(id, bounded) {
      await writer.write(new TextEncoder().encode(`${id}\n`)).catch(gone);
      const header = await output.line();
      const [, type, digits] = /^[0-9a-f]{40} (commit|tree|blob|tag) (\d+)$/.exec(header) ?? [];
      if (type === undefined) {
        if (header === `${id} missing`) throw new ObjectMissingError(id);
        throw new TransportError("broken-transfer", `git answers "${header.slice(0, 100)}"`);
      }
      const bytes = await output.bytes(bounded({ type, size: Number(digits) }));
      await output.bytes(1); // the line break behind the content
      return { type, bytes };
    },
  };
}

function boundedSize(
  { type, size }: ObjectHeader,
  limit: SizeLimit,
  { maxFileBytes, maxObjectBytes }: ObjectProcessSettings,
): number {
  if (limit.maxBytes !== undefined) return requireSize(size, limit);
  if (type === "blob") return requireSize(size, { maxBytes: maxFileBytes });
  return requireSize(size, { maxBytes: maxObjectBytes }, "maxObjectBytes");
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

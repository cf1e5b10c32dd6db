// SPDX-License-Identifier: Apache-2.0

import { dirname, join } from "node:path";

const BLOCK = 512;

/** Unpacks the plain files of a gzipped ustar archive below a directory. */
export async function extractTar(archive: string, directory: string): Promise<void> {
  using file = await Deno.open(archive);
  const unzipped = file.readable.pipeThrough(new DecompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(unzipped).arrayBuffer());
  for (let at = 0; at + BLOCK <= bytes.length;) {
    const name = text(bytes, at, 100);
    if (name === "") return;
    const prefix = text(bytes, at + 345, 155);
    const size = Number.parseInt(text(bytes, at + 124, 12), 8);
    const start = at + BLOCK;
    if (bytes[at + 156] !== "5".charCodeAt(0)) {
      const path = join(directory, prefix, name);
      await Deno.mkdir(dirname(path), { recursive: true });
      await Deno.writeFile(path, bytes.subarray(start, start + size));
    }
    at = start + Math.ceil(size / BLOCK) * BLOCK;
  }
}

function text(bytes: Uint8Array, at: number, length: number): string {
  const field = bytes.subarray(at, at + length);
  const end = field.indexOf(0);
  return new TextDecoder().decode(end < 0 ? field : field.subarray(0, end)).trim();
}

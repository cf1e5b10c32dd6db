// SPDX-License-Identifier: Apache-2.0

import { Buffer } from "node:buffer";
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Packer } from "../runtime/ports.ts";

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** Packs with gzip. */
export const gzipPacker: Packer = {
  async digest(bytes) {
    const digest = await crypto.subtle.digest("SHA-256", new Uint8Array(bytes));
    return Buffer.from(digest).toString("hex");
  },
  async pack(bytes) {
    return (await compress(bytes)).toString("base64");
  },
  async unpack(packed, maxBytes) {
    try {
      const bytes = await decompress(Buffer.from(packed, "base64"), { maxOutputLength: maxBytes });
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    } catch {
      // Whatever zlib has to say about it: these bytes were not packed here.
      return undefined;
    }
  },
};

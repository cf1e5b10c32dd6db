// SPDX-License-Identifier: Apache-2.0

import { createHash } from "node:crypto";

/** SHA-1 of a text in 40 hex digits: a name for contents where Git gives none. */
export function contentId(text: string): string {
  return createHash("sha1").update(text).digest("hex");
}

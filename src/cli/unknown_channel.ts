// SPDX-License-Identifier: Apache-2.0

import { firstNamed, nearestName } from "../language/mod.ts";

/** Patterns make up to hundreds: so many are named. */
const MAX_NAMED = 20;

/** Says that there is no channel of a name, and which one may have been meant. */
export function unknownChannelText(
  wanted: string,
  channels: readonly { readonly name: string }[],
): string {
  const names = channels.map(({ name }) => name);
  const near = nearestName(wanted, names);
  if (near !== undefined) return `Cannot find channel "${wanted}"; did you mean "${near}"?`;
  return `Cannot find channel "${wanted}": the channels are ${namedText(names)}`;
}

/** Which name was probably meant, else all there are. */
export function namesHelp(wanted: string, names: readonly string[]): string {
  const near = nearestName(wanted, names);
  if (near !== undefined) return `; did you mean "${near}"?`;
  return names.length === 0 ? "" : `; expected ${namedText(names)}`;
}

function namedText(names: readonly string[]): string {
  return firstNamed(names.map((name) => `"${name}"`), MAX_NAMED);
}

// SPDX-License-Identifier: Apache-2.0

/** Work that goes on; `undefined` when it is done already. */
export type Pending = Promise<void> | undefined;

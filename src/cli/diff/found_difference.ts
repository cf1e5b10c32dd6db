// SPDX-License-Identifier: Apache-2.0

import type { ChannelDifference } from "./compare_channels.ts";
import type { TestChange } from "./compare_tests.ts";
import type { DiffSide } from "./diff_sides.ts";

/** What `koreo diff` found. */
export interface FoundDifference extends ChannelDifference {
  readonly from: DiffSide;
  readonly to: DiffSide;
  readonly tests: readonly TestChange[];
}

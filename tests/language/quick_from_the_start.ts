// SPDX-License-Identifier: Apache-2.0

/**
 * Has every ValueFunction generated before its first run. Whole suites prove so that generated code
 * and closures agree:
 *
 *     deno test -A --preload tests/language/quick_from_the_start.ts tests/golden tests/runtime
 *
 * @module
 */

import { QUICKENING } from "../../src/language/quick_value_function.ts";

QUICKENING.afterRuns = 0;

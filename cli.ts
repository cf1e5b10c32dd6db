// SPDX-License-Identifier: Apache-2.0

/**
 * The `koreo` program.
 *
 * Run it with `deno task koreo -- help`. The code is in `src/cli/`.
 *
 * @module
 */

import { main } from "./src/cli/main.ts";
import { processIo } from "./src/cli/process_io.ts";

using io = processIo();
Deno.exitCode = await main(Deno.args, io);

// SPDX-License-Identifier: Apache-2.0

import { channelsCommand } from "./channels_command.ts";
import type { CliCommand } from "./command.ts";
import { crdCommand } from "./crd/crd_command.ts";
import { diffCommand } from "./diff/diff_command.ts";
import { demoCommand } from "./demo/demo_command.ts";
import { evalCommand } from "./eval_command.ts";
import { reconcileCommand } from "./reconcile_command.ts";
import { promoteCommand } from "./release/promote_command.ts";
import { rollbackCommand } from "./release/rollback_command.ts";
import { renderCommand } from "./render_command.ts";
import { resolveCommand } from "./resolve_command.ts";
import { testCommand } from "./test_command.ts";
import { validateCommand } from "./validate_command.ts";

/** Every command, in the order of the help text. */
export const COMMANDS: readonly CliCommand[] = [
  demoCommand,
  reconcileCommand,
  testCommand,
  validateCommand,
  renderCommand,
  evalCommand,
  channelsCommand,
  resolveCommand,
  diffCommand,
  promoteCommand,
  rollbackCommand,
  crdCommand,
];

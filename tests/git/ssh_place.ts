// SPDX-License-Identifier: Apache-2.0

import type { CommandLineSettings } from "../../src/adapters/git/mod.ts";
import { readGitLocation } from "../../src/adapters/git/mod.ts";

/**
 * The address of a bare repository over ssh, and a command in the place of ssh that does what the
 * server would: it takes its options and the host, and runs the last argument here.
 *
 * @param log A file that gets a line for each run: its process id and its arguments
 */
export async function makeSshPlace(
  path: string,
  { log = "/dev/null", body = 'eval "exec $command"' }: {
    readonly log?: string;
    readonly body?: string;
  } = {},
): Promise<Required<Pick<CommandLineSettings, "location" | "ssh">>> {
  const script = `${path}/../ssh-${crypto.randomUUID()}`;
  await Deno.writeTextFile(
    script,
    `#!/bin/sh
echo "$$ $*" >> ${log}
for command; do :; done
unset GIT_DIR
${body}
`,
    { mode: 0o755 },
  );
  return {
    location: readGitLocation(`ssh://git@git.example.com${await Deno.realPath(path)}`),
    ssh: { command: script },
  };
}

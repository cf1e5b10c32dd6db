// SPDX-License-Identifier: Apache-2.0

/** How ssh is to be run. */
export interface SshSettings {
  /** Private key; without it keys and configuration are those of the user. */
  readonly keyFile?: string;
  /** Keys of known hosts; without it those of the user. */
  readonly knownHostsFile?: string;
  /** In place of `ssh`, as a shell reads it. Options are put behind it. */
  readonly command?: string;
}

/** What a git process is told besides its arguments. */
export interface GitSurroundings {
  /** The mirror; also the home directory, in which no configuration lies. */
  readonly directory: string;
  /** The only protocol that git may speak. */
  readonly protocol: "http" | "https" | "ssh" | "file";
  readonly ssh?: SshSettings;
  /** Value of the Authorization header. */
  readonly authorization?: string;
  readonly caFile?: string;
  /** Longest silence of an http server. */
  readonly idleMs: number;
  /** Largest piece of memory that git may take, and largest blob it holds whole. */
  readonly maxAllocationBytes: number;
  readonly maxFileBytes: number;
}

/** Of the surroundings of this process, what a git process needs to work at all. */
const KEPT = [
  "PATH",
  "SSH_AUTH_SOCK",
  "https_proxy",
  "HTTPS_PROXY",
  "no_proxy",
  "NO_PROXY",
  "all_proxy",
  "ALL_PROXY",
];

/**
 * The whole environment of a git process: nothing of the machine's or the user's Git configuration
 * counts, nothing asks, nothing of the repository runs. Secrets are here and not among the
 * arguments, which every user of the machine can list.
 *
 * @param own Reads a variable of this process
 */
export function gitEnvironment(
  given: GitSurroundings,
  own: (name: string) => string | undefined,
): Record<string, string> {
  const kept = KEPT.flatMap((name) => {
    const value = own(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  // Where servers run programs for a request, a sender could set the other one: so git heeds none.
  const proxy = own("http_proxy") ?? own("HTTP_PROXY");
  return {
    ...Object.fromEntries(kept),
    ...(proxy === undefined ? {} : { http_proxy: proxy }),
    HOME: given.directory,
    XDG_CONFIG_HOME: given.directory,
    GIT_DIR: given.directory,
    LC_ALL: "C", // failures are told apart by what git says
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_ATTR_NOSYSTEM: "1",
    GIT_TERMINAL_PROMPT: "0",
    GIT_ASKPASS: "",
    SSH_ASKPASS_REQUIRE: "never",
    GIT_ALLOW_PROTOCOL: given.protocol,
    GIT_NO_REPLACE_OBJECTS: "1",
    GIT_NO_LAZY_FETCH: "1",
    GIT_ALLOC_LIMIT: String(given.maxAllocationBytes),
    ...(given.protocol === "ssh"
      ? { GIT_SSH_COMMAND: sshCommand(given.ssh ?? {}), GIT_SSH_VARIANT: "ssh" }
      : {}),
    ...asVariables(configuration(given)),
  };
}

function configuration(given: GitSurroundings): readonly (readonly [string, string])[] {
  const { authorization, caFile } = given;
  return [
    ["core.hooksPath", "/dev/null"],
    ["core.fsmonitor", "false"],
    ["core.bigFileThreshold", String(given.maxFileBytes)],
    ["credential.helper", ""],
    ["fetch.unpackLimit", "1"],
    ["fetch.recurseSubmodules", "false"],
    ["fetch.bundleURI", ""],
    ["transfer.bundleURI", "false"],
    ["transfer.credentialsInUrl", "die"],
    ["gc.auto", "0"],
    ["pack.threads", "1"],
    ["pack.windowMemory", "32m"],
    ["pack.deltaCacheSize", "16m"],
    ["maintenance.auto", "false"],
    // A header would follow a redirect to whatever host it names.
    ["http.followRedirects", "false"],
    ["http.lowSpeedLimit", "1"],
    ["http.lowSpeedTime", String(Math.ceil(given.idleMs / 1_000))],
    ...(authorization === undefined
      ? []
      : [["http.extraHeader", `Authorization: ${authorization}`] as const]),
    ...(caFile === undefined ? [] : [["http.sslCAInfo", caFile] as const]),
  ];
}

function asVariables(entries: readonly (readonly [string, string])[]): Record<string, string> {
  const pairs = entries.flatMap(([key, value], at) => [
    [`GIT_CONFIG_KEY_${at}`, key],
    [`GIT_CONFIG_VALUE_${at}`, value],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(entries.length) };
}

const SSH_OPTIONS = [
  "BatchMode=yes",
  "StrictHostKeyChecking=yes",
  "ConnectTimeout=30",
  "ServerAliveInterval=15",
  "ServerAliveCountMax=4",
  "ClearAllForwardings=yes",
  "PermitLocalCommand=no",
];

/** The command line of ssh, for the shell through which git runs it. */
export function sshCommand({ keyFile, knownHostsFile, command = "ssh" }: SshSettings): string {
  const options = [
    ...SSH_OPTIONS,
    // Not by "-i", which looks for the file by one name and reads it by another where it has a "%".
    ...(keyFile === undefined
      ? []
      : ["IdentitiesOnly=yes", "IdentityAgent=none", `IdentityFile=${sshPath(keyFile)}`]),
    ...(knownHostsFile === undefined
      ? []
      : [`UserKnownHostsFile=${sshPath(knownHostsFile)}`, "GlobalKnownHostsFile=/dev/null"]),
  ];
  const words = [
    command,
    // With a key of its own, nothing of the user's configuration counts.
    ...(keyFile === undefined ? [] : ["-F none"]),
    ...options.map((option) => `-o ${quoted(option)}`),
  ];
  return endingWithGit(words.join(" "));
}

/**
 * Git that is ended leaves its ssh behind, which a silent server would keep for ever; so does this
 * process when it is killed, with git too. And a process that is no child of ours may not be ended
 * with the permission to run git alone. So the shell in which git starts ssh looks after it: once a
 * second, until one of the three is gone. Without its ssh git ends by itself.
 *
 * The shell waits for what it starts: in a container, where this is the first process, an orphan
 * would stay as a zombie after every fetch.
 */
function endingWithGit(ssh: string): string {
  const watch = [
    "trap 'kill $nap; wait $nap; exit' TERM",
    `while kill -0 $PPID && kill -0 ${Deno.pid}; do sleep 1 & nap=$!; wait $nap; done`,
    "kill $ssh",
  ].join("; ");
  // What is started with "&" reads nothing, unless it is told what.
  const start = `exec 3<&0; ${ssh} "$@" <&3 3<&- & ssh=$!`;
  const startWatch = `{ ${watch}; } </dev/null >/dev/null 2>&1 3<&- & watch=$!`;
  const end = "wait $ssh; code=$?; { kill $watch; wait $watch; } 2>/dev/null; return $code";
  return `run() { ${start}; ${startWatch}; ${end}; }; run`;
}

/** As ssh reads a file name in an option: in quotes, `%` doubled. */
function sshPath(path: string): string {
  return `"${path.replaceAll("%", "%%")}"`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

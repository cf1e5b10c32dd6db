// SPDX-License-Identifier: Apache-2.0

import type { Abortable, CommitId } from "../runtime/ports.ts";
import { type ChannelState, createChannelState } from "./channels.ts";
import { decideGate, type GateMode, type GateState } from "./gate.ts";
import type { Candidate } from "./gate_faults.ts";
import type { JudgeProgram } from "./gate_tests.ts";
import type { LoadedRevision, RevisionLoader } from "./load_revision.ts";

/** What one channel follows. */
export interface FollowerSettings {
  readonly channel: string;
  /** The branch as it stands in a revision: `main@sha1:…`. */
  readonly branch: string;
  readonly gate: GateMode;
  readonly loader: RevisionLoader;
  readonly judge: JudgeProgram;
}

/** What a commit led to. */
export interface FollowResult {
  readonly state: ChannelState;
  readonly loaded: LoadedRevision;
  readonly changed: readonly string[];
}

/** Puts the commits of one channel in force, as far as the gate lets them. */
export interface ChannelFollower {
  /** What is in force. */
  readonly state: ChannelState;
  /** The commit that was loaded last, whether it went into force or not. */
  readonly loaded: LoadedRevision | undefined;
  /** Loads a commit and decides; rejects without changing anything when it cannot be loaded. */
  follow(head: CommitId, options: Abortable): Promise<FollowResult>;
}

/** Commits looked at below the head when there is no record of what was in force. */
const MAX_STEPS_BACK = 50;

/** The revision of a commit, as triggers and people see it. */
export function revisionName(branch: string, commit: CommitId): string {
  return `${branch}@sha1:${commit}`;
}

/** Makes a follower that has nothing in force yet. */
export function createChannelFollower(settings: FollowerSettings): ChannelFollower {
  let gate: GateState = new Map();
  let state = createChannelState(settings.channel, []);
  let loaded: LoadedRevision | undefined;
  return {
    get state() {
      return state;
    },
    get loaded() {
      return loaded;
    },
    async follow(head, options) {
      const revision = await settings.loader.load(head, options);
      const candidate = await candidateOf(settings, revision, options);
      const before = loaded === undefined
        ? await recover(settings, candidate, { ...options, from: revision })
        : gate;
      const decision = decideGate(settings.gate, before, candidate);
      const changed = loaded === undefined ? [...decision.after.keys()].sort() : decision.changed;
      gate = decision.after;
      state = createChannelState(settings.channel, gate.values());
      loaded = revision;
      return { state, loaded: revision, changed };
    },
  };
}

async function candidateOf(
  { branch, gate, judge }: FollowerSettings,
  { commit, program, unreadable }: LoadedRevision,
  options: Abortable,
): Promise<Candidate> {
  const verdicts = gate === "off" ? [] : await judge(program, options);
  return { revision: revisionName(branch, commit), program, verdicts, unreadable };
}

/**
 * What would be in force had the channel been followed all along: walks the first parents of the
 * head back until each of them was good somewhere, and decides these commits again from the oldest
 * on.
 */
async function recover(
  settings: FollowerSettings,
  head: Candidate,
  options: Abortable & { readonly from: LoadedRevision },
): Promise<GateState> {
  if (settings.gate === "off") return new Map();
  const wanted = wantedBelow(settings.gate, head);
  const older: Candidate[] = [];
  let at = options.from;
  while (older.length < MAX_STEPS_BACK && wanted.isLeft()) {
    const parent = at.summary.parents[0];
    const revision = parent && await loadIfThere(settings, parent, options);
    if (!revision) break;
    const candidate = await candidateOf(settings, revision, options);
    older.unshift(candidate);
    wanted.found(candidate);
    at = revision;
  }
  return older.reduce<GateState>(
    (state, candidate) => decideGate(settings.gate, state, candidate).after,
    new Map(),
  );
}

/** What an older commit could tell that the head does not. */
interface Wanted {
  isLeft(): boolean;
  found(candidate: Candidate): void;
}

/** Workflows that the head holds back, and what may stand in files that the head broke. */
function wantedBelow(mode: GateMode, head: Candidate): Wanted {
  let names = withInForce(mode, head, false);
  let contents = head.unreadable.map(({ id }) => id);
  return {
    isLeft: () => names.length > 0 || contents.length > 0,
    found(candidate) {
      const good = new Set(withInForce(mode, candidate, true));
      const unreadable = new Set(candidate.unreadable.map(({ id }) => id));
      names = names.filter((name) => !good.has(name));
      contents = contents.filter((id) => unreadable.has(id));
    },
  };
}

function withInForce(mode: GateMode, candidate: Candidate, wanted: boolean): readonly string[] {
  const { after } = decideGate(mode, new Map(), candidate);
  return [...after].flatMap(([name, { inForce }]) =>
    (inForce !== undefined) === wanted ? [name] : []
  );
}

/** A directory that does not exist yet, or history that is cut off, ends the walk. */
async function loadIfThere(
  { loader }: FollowerSettings,
  commit: CommitId,
  options: Abortable,
): Promise<LoadedRevision | undefined> {
  try {
    return await loader.load(commit, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (isEndOfHistory(error)) return undefined;
    throw error;
  }
}

function isEndOfHistory(error: unknown): boolean {
  return error instanceof Error && "code" in error &&
    (error.code === "no-such-directory" || error.code === "no-such-revision");
}

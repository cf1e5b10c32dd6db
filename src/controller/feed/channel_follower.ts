// SPDX-License-Identifier: Apache-2.0

import { type Abortable, type CommitId, RepositoryError } from "../../runtime/ports.ts";
import type { Layer } from "../channels/channel_content.ts";
import { type ChannelState, createChannelState } from "../channels/channels.ts";
import { decideGate, type GateMode, type GateState, type InForceRecord } from "../gate/gate.ts";
import type { Candidate } from "../gate/gate_faults.ts";
import type { JudgeOptions, JudgeProgram } from "../gate/gate_tests.ts";
import { isRefusedAsSuch, type Refusal } from "../gate/refusal.ts";
import { type ChannelLoader, type LoadedChannel, newestCommit } from "./load_revision.ts";

/** What one channel follows. */
export interface FollowerSettings {
  readonly channel: string;
  readonly gate: GateMode;
  readonly loader: ChannelLoader;
  readonly judge: JudgeProgram;
  /** Whether an older commit may be put in force: it is signed, where it must be. */
  readonly mayRun: (commit: CommitId, options: Abortable) => Promise<boolean>;
}

/** What a commit led to. */
export interface FollowResult {
  readonly state: ChannelState;
  readonly loaded: LoadedChannel;
  readonly changed: readonly string[];
}

/** Puts the commits of one channel in force, as far as the gate lets them. */
export interface ChannelFollower {
  /** What is in force. */
  readonly state: ChannelState;
  /** The same, as the gate knows it. */
  readonly gate: GateState;
  /** The revision that was loaded last, whether it went into force or not. */
  readonly loaded: LoadedChannel | undefined;
  /** The commits of the revision that was loaded last, or that it began from. */
  readonly layers: readonly Layer[];
  /** Whether a revision is to be followed: another than the last, and not refused as such. */
  wants(revision: string): boolean;
  /** Decides from what was in force earlier on. */
  goOnFrom(start: FollowStart): void;
  /**
   * Loads the heads of its branches, upper first, and decides; rejects without changing anything
   * when one cannot be loaded.
   */
  follow(head: readonly Layer[], options: Abortable): Promise<FollowResult>;
}

/** What was in force earlier. */
export interface FollowStart {
  readonly inForce: GateState;
  /** The commits that were loaded then, upper first. */
  readonly layers: readonly Layer[];
  /** What must not be put in force again. */
  readonly refused: readonly Refusal[];
}

/** Revisions looked at below the heads when there is no record of what was in force. */
const MAX_STEPS_BACK = 50;

/** Makes a follower that has nothing in force yet. */
export function createChannelFollower(settings: FollowerSettings): ChannelFollower {
  let start: FollowStart | undefined;
  let gate: GateState = new Map();
  let state = createChannelState(settings.channel);
  let loaded: LoadedChannel | undefined;
  /** What was loaded last was decided from what has been taken back since. */
  let isStale = false;
  return {
    get state() {
      return state;
    },
    get gate() {
      return gate;
    },
    get loaded() {
      return loaded;
    },
    get layers() {
      return loaded?.layers ?? start?.layers ?? [];
    },
    wants(revision) {
      if (isRefusedAsSuch(start?.refused ?? [], revision)) return false;
      return isStale || loaded?.revision !== revision;
    },
    goOnFrom(given) {
      start = given;
      gate = given.inForce;
      state = createChannelState(settings.channel, gate.values());
      isStale = loaded !== undefined;
    },
    async follow(head, options) {
      const revision = await settings.loader.load(head, options);
      const candidate = await candidateOf(settings, revision, options);
      const isFirst = loaded === undefined && start === undefined;
      const recovered = isFirst
        ? await recover(settings, candidate, { ...options, from: revision })
        : undefined;
      // As it is known now: it may have been taken back while the tests ran.
      const takenBack = { channel: settings.channel, refused: start?.refused ?? [] };
      const decision = decideGate(settings.gate, recovered ?? gate, { ...candidate, takenBack });
      const changed = isFirst ? [...decision.after.keys()].sort() : decision.changed;
      gate = decision.after;
      state = createChannelState(settings.channel, gate.values());
      loaded = revision;
      isStale = false;
      return { state, loaded: revision, changed };
    },
  };
}

async function candidateOf(
  { gate, judge }: FollowerSettings,
  loaded: LoadedChannel,
  options: JudgeOptions,
): Promise<Candidate> {
  const { revision, program, unreadable, repeatedTests } = loaded;
  const verdicts = gate === "off" ? [] : await judge(program, options);
  const summary = newestCommit(loaded);
  return { revision, summary, program, verdicts, unreadable, repeatedTests };
}

/**
 * What would be in force had the channel been followed all along: walks the first parents of the
 * heads back until each Workflow was good somewhere, and decides these revisions again from the
 * oldest on.
 */
async function recover(
  settings: FollowerSettings,
  head: Candidate,
  options: Abortable & { readonly from: LoadedChannel },
): Promise<GateState> {
  if (settings.gate === "off") return new Map();
  const wanted = wantedBelow(settings.gate, head);
  const older: Candidate[] = [];
  let at = options.from;
  for (let step = 0; step < MAX_STEPS_BACK && wanted.isLeft(); step++) {
    const below = stepBack(at);
    const revision = below && await loadIfThere(settings, below, options);
    if (!revision) break;
    at = revision;
    if (!await mayAllRun(settings, below, options)) continue;
    const candidate = await candidateOf(settings, revision, { ...options, isBelow: true });
    older.unshift(candidate);
    wanted.found(candidate);
    if (wanted.isLeft()) continue;
    const { after } = decideGate(settings.gate, decidedInTurn(settings.gate, older), head);
    wanted.waitFor(namesOf(after, (inForce) => inForce === undefined));
  }
  return decidedInTurn(settings.gate, older);
}

function decidedInTurn(mode: GateMode, candidates: readonly Candidate[]): GateState {
  return candidates.reduce<GateState>(
    (state, candidate) => decideGate(mode, state, candidate).after,
    new Map(),
  );
}

async function mayAllRun(
  { mayRun }: FollowerSettings,
  layers: readonly Layer[],
  options: Abortable,
): Promise<boolean> {
  for (const { commit } of layers) if (!await mayRun(commit, options)) return false;
  return true;
}

/** The heads before the newest of the commits was made; `undefined` when all are first ones. */
function stepBack({ layers }: LoadedChannel): readonly Layer[] | undefined {
  const [newest] = layers.filter(({ summary }) => summary.parents.length > 0)
    .sort((one, other) => other.summary.committedAt - one.summary.committedAt);
  const parent = newest?.summary.parents[0];
  if (parent === undefined) return undefined;
  return layers.map((layer) => ({
    branch: layer.branch,
    commit: layer === newest ? parent : layer.commit,
  }));
}

/** What an older commit could tell that the head does not. */
interface Wanted {
  isLeft(): boolean;
  found(candidate: Candidate): void;
  /** Workflows that the head by itself lets pass, and not after what was found. */
  waitFor(names: readonly string[]): void;
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
    waitFor: (others) => void (names = others),
  };
}

function withInForce(mode: GateMode, candidate: Candidate, wanted: boolean): readonly string[] {
  const { after } = decideGate(mode, new Map(), candidate);
  return namesOf(after, (inForce) => (inForce !== undefined) === wanted);
}

function namesOf(
  state: GateState,
  isWanted: (inForce: InForceRecord | undefined) => boolean,
): readonly string[] {
  return [...state].flatMap(([name, { inForce }]) => isWanted(inForce) ? [name] : []);
}

const ENDS = ["no-such-directory", "no-such-revision", "limit-exceeded"] as const;

/** What cannot be loaded ends the walk: no directory yet, history that is cut off, too much. */
async function loadIfThere(
  { loader }: FollowerSettings,
  layers: readonly Layer[],
  options: Abortable,
): Promise<LoadedChannel | undefined> {
  try {
    return await loader.load(layers, options);
  } catch (error) {
    options.signal.throwIfAborted();
    if (isEndOfHistory(error)) return undefined;
    throw error;
  }
}

function isEndOfHistory(error: unknown): boolean {
  return error instanceof RepositoryError && ENDS.some((code) => code === error.code);
}

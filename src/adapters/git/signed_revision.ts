// SPDX-License-Identifier: Apache-2.0

import { firstNamed } from "../../language/mod.ts";
import { type Abortable, type CommitId, UnverifiedError } from "../../runtime/ports.ts";
import { type ObjectStore, whenMissing } from "./object_store.ts";
import { createSignatureVerifier, type Verdict, type VerifySettings } from "./signature/mod.ts";

/** What a revision names. */
export interface NamedCommit {
  readonly type: "branch" | "tag" | "commit";
  readonly commit: CommitId;
  /** Of a tag: its name, and the object that it names itself. */
  readonly tag?: { readonly name: string; readonly object: string };
}

/** Lets those revisions pass that are signed by whoever may. */
export interface SignedRevisions {
  /**
   * Checks what a revision names. For a branch or a commit id the commit must be signed; for a tag
   * the commit or the tag itself, under its own name.
   *
   * @throws {UnverifiedError} If it is not signed as it should be
   */
  require(named: NamedCommit, at: SignedPlace): Promise<void>;
}

/** Where a revision is looked up. */
export interface SignedPlace extends Abortable {
  readonly store: ObjectStore;
  /** `"main" of repository "https://…"`. */
  readonly doing: string;
}

/** First parents looked at below an unsigned head. */
const MAX_STEPS_BACK = 50;
const MAX_VERDICTS = 10_000;
/** The headers of a tag are shorter. */
const MAX_HEAD = 4_096;
/** So many of those who may sign are named in an error. */
const MAX_NAMED = 5;

/** Makes the check of a repository; what was checked once is remembered until the files change. */
export function createSignedRevisions(settings: VerifySettings): SignedRevisions {
  const verifier = createSignatureVerifier(settings);
  const verdicts = new Map<string, Verdict>();
  let state = "";

  async function verdictOf(id: string, { store }: SignedPlace): Promise<Verdict> {
    const now = await verifier.state();
    if (now !== state || verdicts.size > MAX_VERDICTS) verdicts.clear();
    state = now;
    const verdict = verdicts.get(id) ?? await verifier.verify(await store.object(id));
    verdicts.set(id, verdict);
    return verdict;
  }

  async function lastGood(from: CommitId, at: SignedPlace): Promise<CommitId | undefined> {
    let commit = await parentOf(from, at);
    for (let step = 0; step < MAX_STEPS_BACK && commit !== undefined; step++) {
      at.signal.throwIfAborted();
      if ((await verdictOf(commit, at)).type === "good") return commit;
      commit = await parentOf(commit, at);
    }
    return undefined;
  }

  return {
    async require({ commit, type, tag }, at) {
      const verdict = await verdictOf(commit, at);
      if (verdict.type === "good") return;
      const ofTag = tag === undefined ? undefined : await verdictOfTag(tag, at);
      if (ofTag?.type === "good") return;
      const whys = [verdict.why, ...ofTag === undefined ? [] : [`its tag: ${ofTag.why}`]];
      const message = await refusal(commit, whys.join("; "), at);
      const good = type === "branch" ? await lastGood(commit, at) : undefined;
      throw new UnverifiedError(message, commit, good);
    },
  };

  /** A tag that is signed under another name is an old one, put in the place of a new one. */
  async function verdictOfTag(
    { name, object }: NonNullable<NamedCommit["tag"]>,
    at: SignedPlace,
  ): Promise<Verdict | undefined> {
    const { type, bytes } = await at.store.object(object);
    if (type !== "tag") return undefined;
    const own = /^tag (.*)$/m.exec(new TextDecoder().decode(bytes.subarray(0, MAX_HEAD)))?.[1];
    if (own !== name) return { type: "bad", why: `it calls itself "${shown(own ?? "")}"` };
    return await verdictOf(object, at);
  }

  async function refusal(
    id: CommitId,
    why: string,
    { store, doing }: SignedPlace,
  ): Promise<string> {
    const { author, subject } = await store.commit(id);
    const named = `commit ${id} ("${shown(subject)}" by ${shown(author)})`;
    const all = await verifier.accepted();
    const accepted = firstNamed(all.map(shown), MAX_NAMED);
    return `Cannot accept ${doing}: ${named}: ${why}; accepted are signatures of ${accepted}`;
  }
}

async function parentOf(id: CommitId, { store }: SignedPlace): Promise<CommitId | undefined> {
  const found = await store.commit(id).catch(whenMissing(() => undefined));
  const parent = found?.parents[0];
  return parent !== undefined && await store.has(parent) ? parent : undefined;
}

const MAX_SHOWN = 120;

/** Whoever commits chooses these words. */
function shown(text: string): string {
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f]+/g, " ").slice(0, MAX_SHOWN);
}

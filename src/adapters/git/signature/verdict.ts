// SPDX-License-Identifier: Apache-2.0

/** What a signature is worth. */
export type Verdict =
  | {
    readonly type: "good";
    /** Who signed, as the file of those who may calls them. */
    readonly signer: string;
  }
  | {
    readonly type: "bad";
    /** The second half of a sentence: `it is not signed`. */
    readonly why: string;
  };

/** Checks signatures of one form. */
export interface SignatureCheck {
  /** What an armored signature begins with, and that this check is for. */
  readonly marks: readonly string[];
  /** Who may sign, for people. */
  readonly accepted: readonly string[];
  /**
   * Checks one.
   *
   * @param payload What was signed
   * @param signature Armored
   * @param signedAt Seconds since 1970, as the object says
   */
  check(payload: Uint8Array, signature: string, signedAt: number): Promise<Verdict>;
}

/** A bad signature. */
export function bad(why: string): Verdict {
  return { type: "bad", why };
}

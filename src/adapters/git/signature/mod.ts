// SPDX-License-Identifier: Apache-2.0

/**
 * Signatures of commits and tags, checked in this process: no program is run for it.
 *
 * @module
 */

export {
  createSignatureVerifier,
  type SignatureVerifier,
  type VerifySettings,
} from "./signature_verifier.ts";
export type { Verdict } from "./verdict.ts";

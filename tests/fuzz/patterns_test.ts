// SPDX-License-Identifier: Apache-2.0

import { ok } from "node:assert/strict";
import fc from "fast-check";
import {
  compileExpression,
  createBudget,
  isFault,
  parseExpression,
} from "../../src/language/mod.ts";
import { endsSoon, heldBytes } from "../thread_use.ts";
import { fuzzRuns } from "./fuzz_runs.ts";

type Matched = boolean | string;

/** What `matches` says, or its fault, in bounded time. */
function matched(text: string, pattern: string): Matched {
  const source = "inputs.text.matches(inputs.pattern)";
  const parsed = parseExpression(source);
  if (parsed.type === "failed") throw new TypeError("Cannot parse the call");
  const { expression } = parsed;
  const value = endsSoon(() =>
    compileExpression(expression, source).evaluate({ inputs: { text, pattern } }, createBudget())
  );
  return isFault(value) ? value.reason : value === true;
}

const LONG = "a".repeat(50_000);

/** Patterns that slow matchers down, repeat without end or nest without end. */
const HOSTILE: readonly (readonly [string, string, string])[] = [
  ["nested quantifiers", `${"a".repeat(40)}!`, "^(a+)+$"],
  ["nested quantifiers on a long text", `${LONG}!`, "^(a+)+$"],
  ["quantified alternatives", `${LONG}!`, "^(a|a|aa)*$"],
  ["overlapping classes", `${LONG}!`, "^([a-z]*[a-y]*)*$"],
  ["many stars", `${"a".repeat(200)}!`, `^${"a*".repeat(100)}$`],
  ["many optionals", "a".repeat(300), `^${"a?".repeat(300)}${"a".repeat(300)}$`],
  ["huge counts", LONG, "^a{1000}{1000}$"],
  ["huge counts thrice", LONG, "^((a{1000}){1000}){1000}$"],
  ["counts beyond all", LONG, "a{999999999}"],
  ["a count from high to low", "a", "a{5,2}"],
  ["empty repetition", LONG, "^(()*)*$"],
  ["repetition of what may be empty", LONG, "^(a?)*(b?)*$"],
  ["look-ahead with nested quantifiers", `${"a".repeat(40)}!`, "(a+)+(?=b)"],
  ["look-behind with nested quantifiers", `${"a".repeat(2000)}!`, "(?<=(a+)+)b"],
  ["look-ahead in look-ahead", `${"a".repeat(2000)}!`, "(?=(?=(?=(a+)+b)))c"],
  ["negative look-ahead in a loop", `${"a".repeat(5000)}!`, "^(?:(?!(a+)+b).)*$"],
  ["look-around repeated", "a".repeat(2000), "(?:(?=a*)){1000}b"],
  ["10,000 groups in each other", "a", `${"(".repeat(10_000)}a${")".repeat(10_000)}`],
  ["10,000 look-aheads in each other", "a", `${"(?=".repeat(10_000)}a${")".repeat(10_000)}`],
  ["10,000 open groups", "a", "(".repeat(10_000)],
  ["10,000 alternatives", LONG, Array.from({ length: 10_000 }, (_, n) => `x${n}`).join("|")],
  ["a class of everything, often", LONG, `^${"[\\x{0}-\\x{10FFFF}]".repeat(2_000)}$`],
  ["all of Unicode without case", "ſ".repeat(20_000), "(?i)^[\\pL\\PL]+!$"],
  ["a back-reference", "aa", "(a)\\1"],
  ["an escape cut off", "a", "\\"],
  ["a class cut off", "a", "[a-"],
  ["half a surrogate", "\ud800", "\udc00|."],
];

for (const [name, text, pattern] of HOSTILE) {
  Deno.test(`LM-16 ${name} end in bounded time`, () => {
    const before = heldBytes();
    matched(text, pattern);
    ok(heldBytes() - before < 500_000_000);
  });
}

Deno.test("LM-16 a look-ahead behind nested quantifiers is told as too costly", () => {
  const found = matched("a".repeat(40), "(a+)+(?=b)");
  ok(typeof found === "string" && found.includes("pattern-too-costly"), String(found));
});

const PIECES = fc.constantFrom(
  ..."a b . ^ $ | ( ) (?: (?= (?! (?<= (?<! (?i) (?P<n> [ ] [^ - * + ? *? +? ?? { } {2} {1,} {0,3} {1000} , \\d \\D \\w \\W \\s \\b \\B \\A \\z \\pL \\P{Greek} \\x41 \\x{1F600} \\Q \\E \\1 \\ \\\\ 0 9 é 😀 [:alpha:] [[:^digit:]]"
    .split(" "),
);

Deno.test("FN-8 no pattern made of pieces of patterns throws or hangs", () => {
  const patterns = fc.array(PIECES, { maxLength: 14 }).map((pieces) => pieces.join(""));
  const texts = fc.constantFrom("", "a", "aaab", "😀é\n", "a".repeat(300), "ab\n".repeat(100));
  fc.assert(
    fc.property(texts, patterns, (text, pattern) => void matched(text, pattern)),
    fuzzRuns(3000),
  );
});

/** Patterns that mean the same to JavaScript, which is the oracle for them. */
const { pattern: SHARED } = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("a", "b", "c", "[ab]", "[^a]", "."),
    fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{0,2}", "*?")).map(([a, q]) =>
      `(?:${a})${q}`
    ),
    fc.tuple(tie("pattern"), fc.constantFrom("(?=", "(?!")).map(([a, open]) => `${open}${a})`),
  ),
}));

Deno.test("FN-8 small patterns mean what they mean to JavaScript", () => {
  const texts = fc.string({ unit: fc.constantFrom("a", "b", "c"), maxLength: 8 });
  fc.assert(
    fc.property(texts, SHARED, fc.boolean(), (text, inner, isWhole) => {
      const pattern = isWhole ? `^(?:${inner})$` : inner;
      const found = matched(text, pattern);
      ok(
        typeof found === "string" || found === new RegExp(pattern, "u").test(text),
        `${pattern} on ${text}`,
      );
    }),
    fuzzRuns(1500),
  );
});

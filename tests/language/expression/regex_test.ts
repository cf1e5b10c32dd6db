// SPDX-License-Identifier: Apache-2.0

import { equal, ok } from "node:assert/strict";
import fc from "fast-check";
import { createBudget } from "../../../src/language/mod.ts";
import { matches, patternProblem } from "../../../src/language/expression/regex/matches.ts";
import {
  unicodeClass,
  unicodeClassNames,
} from "../../../src/language/expression/regex/unicode_classes.ts";

function answer(pattern: string, text: string): unknown {
  const budget = createBudget();
  budget.left = 1_000_000;
  return matches(text, pattern, budget);
}

/** Pattern, texts it matches, texts it does not. */
const CASES: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["", ["", "a"], []],
  ["^$", [""], ["a", "\n"]],
  ["^[a-z]([-a-z0-9]*[a-z0-9])?$", ["a", "a-1", "abc"], ["", "-a", "a-", "A"]],
  ["a|bc|", ["a", "bc", ""], []],
  ["^(a|bc)$", ["a", "bc"], ["ab", "b"]],
  ["^a{2,3}$", ["aa", "aaa"], ["a", "aaaa"]],
  ["^a{2}$", ["aa"], ["a", "aaa"]],
  ["^a{2,}$", ["aa", "aaaaa"], ["a"]],
  ["^a{,2}$", ["a{,2}"], ["a", "aa"]],
  ["^x{0}$", [""], ["x"]],
  ["^(?:ab)+?c", ["abc", "ababc"], ["ac"]],
  ["a.c", ["abc", "a😀c"], ["a\nc", "ac"]],
  ["(?s)a.c", ["a\nc"], ["ac"]],
  ["(?m)^b$", ["a\nb\nc"], ["ab"]],
  ["a(?i)b", ["aB", "ab"], ["AB"]],
  ["(?i:a)b", ["Ab"], ["AB"]],
  ["(?i)[k-s]", ["K", "\u212a", "ſ"], ["a"]],
  ["(?i)ΣΑΣ", ["σας"], ["ab"]],
  ["(?i)(?-i)a", ["a"], ["A"]],
  ["\\bfoo\\b", ["a foo b"], ["food"]],
  ["o\\B", ["foo"], ["o"]],
  ["\\Aab\\z", ["ab"], ["ab\n"]],
  ["^[^a-c]+$", ["xyz\n"], ["xa"]],
  ["^[]a]+$", ["]a"], ["["]],
  ["^[a-]+$", ["a-"], ["b"]],
  ["^[\\d\\-x]+$", ["1-x"], ["a"]],
  ["^[[:alpha:][:^ascii:]]+$", ["aé"], ["1"]],
  ["^\\d+\\s\\w$", ["12 _"], ["١ a"]],
  ["^\\D\\S\\W$", ["ab-"], ["1b-"]],
  ["^\\pL\\p{Lu}\\p{Greek}\\P{L}\\p{^L}$", ["éÄλ11"], ["1Äλ11"]],
  ["^\\x41\\x{1F600}\\101\\n\\Q.*\\E+$", ["A😀A\n.***"], ["A😀A\n.a"]],
  ["^(?P<name>a)(?<other>b)$", ["ab"], ["a"]],
  ["^\\.\\*\\-$", [".*-"], ["a"]],
  ["foo(?=bar)", ["foobar"], ["foobaz"]],
  ["foo(?!bar)", ["foobaz"], ["foobar"]],
  ["(?<=foo)bar", ["foobar"], ["bar"]],
  ["(?<!foo)bar", ["bar"], ["foobar"]],
  ["^(?!.*--)[a-z-]+$", ["a-b"], ["a--b"]],
  ["(?<=a(?=b)b)c", ["abc"], ["ac"]],
  ["(?<=^ab*)c$", ["abbc", "ac"], ["xac"]],
  ["^(?:(?=a)a)*$", ["aaa", ""], ["ab"]],
  ["^(a*)*(?=b)", ["aab", "b"], ["aa"]],
  ["(?i)(?<=É)x", ["éx"], ["ex"]],
];

for (const [pattern, matching, others] of CASES) {
  Deno.test(`FN-8 /${pattern.replaceAll("\n", "\\n")}/`, () => {
    for (const text of matching) equal(answer(pattern, text), true, JSON.stringify(text));
    for (const text of others) equal(answer(pattern, text), false, JSON.stringify(text));
  });
}

const INVALID = [
  "(",
  ")",
  "[a",
  "[z-a]",
  "[[:nope:]]",
  "*",
  "a**",
  "a{2}{3}",
  "a{1001}",
  "a{3,2}",
  "(?x)a",
  "(?",
  "(?<>a)",
  "(?P<n>a)(?P<n>b)",
  "(?P=n)",
  "\\",
  "\\1",
  "(a)\\1",
  "\\k<n>",
  "\\Z",
  "\\pX",
  "\\p{Nope}",
  "\\x{110000}",
  "((a{1000}){1000})",
  "(".repeat(300) + ")".repeat(300),
];

for (const pattern of INVALID) {
  Deno.test(`FN-8 /${pattern.slice(0, 30)}/ is no pattern`, () => {
    ok((patternProblem(pattern) ?? "").length > 0);
  });
}

Deno.test("FN-8 every Unicode class of the table is one of the runtime", () => {
  for (const name of unicodeClassNames()) equal(typeof unicodeClass(name)?.(0x41), "boolean", name);
});

/** Patterns that mean the same to JavaScript, over a small alphabet. */
const pattern = fc.letrec<{ pattern: string }>((tie) => ({
  pattern: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom("a", "b", ".", "[ab]", "[^a]", "^", "$", "\\b", "\\B", "\\w", "x{1,2}"),
    fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => a + b),
    fc.tuple(tie("pattern"), tie("pattern")).map(([a, b]) => `(?:${a}|${b})`),
    fc.tuple(tie("pattern"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "*?"))
      .map(([a, count]) => `(?:${a})${count}`),
  ),
})).pattern;
const look = fc.tuple(pattern, fc.constantFrom("?=", "?!", "?<=", "?<!"), pattern, pattern)
  .map(([a, kind, b, c]) => `${a}(${kind}${b})${c}`);
const text = fc.string({ unit: fc.constantFrom("a", "b", "x", " "), maxLength: 8 });

Deno.test("FN-8 agrees with the regular expressions of the runtime", () => {
  fc.assert(
    fc.property(fc.oneof(pattern, look), text, (source, given) => {
      const ours = answer(source, given);
      if (typeof ours === "boolean") equal(ours, new RegExp(source, "u").test(given), source);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("LM-16 time grows with the text, whatever the pattern", () => {
  const given = "a".repeat(20_000);
  for (const source of ["(a+)+$b", "(a|a)*b", "(a*)*b", "(.*)*\\d", "(a?){50}a{50}b"]) {
    const result = answer(source, given);
    ok(result === false || typeof result === "object", source);
  }
});

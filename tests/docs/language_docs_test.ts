// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import {
  documentValue,
  isJsonObject,
  readDocuments,
  renderDiagnostic,
} from "../../src/language/mod.ts";
import { allPassed, REPORTERS, runFunctionTests } from "../../src/testing/mod.ts";
import { celExampleFault, celExamples } from "./cel_examples.ts";
import { consoleExamples, outputOf, writeFiles } from "./console_examples.ts";
import { blocksOf, hasDefinitions, type PageBlock } from "./page_blocks.ts";
import { faultsOf, programOf } from "./page_program.ts";

const ROOT = new URL("../../", import.meta.url);

/** Pages of single rules, whose examples name definitions that are not shown there. */
const COMPANIONS: Readonly<Record<string, string>> = {
  "docs/LANGUAGE.md": "tests/docs/language_examples.k.yaml",
};

/** Pages on which a kind is explained: every one has tests. */
const KIND_PAGES = [
  "value-function",
  "resource-function",
  "resource-template",
  "workflow",
  "function-test",
  "README",
].map((name) => `docs/language/${name}.md`);

function pages(directory: string): readonly string[] {
  return [...Deno.readDirSync(new URL(directory, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory
      ? name.startsWith(".") || name === "node_modules" ? [] : pages(`${directory}${name}/`)
      : name.endsWith(".md")
      ? [`${directory}${name}`]
      : []
  ).sort();
}

/** Its examples are checked one by one, in `diagnostic_examples_test.ts`. */
const GENERATED = "docs/diagnostics.md";

const PAGES = ["README.md", ...["docs/", "examples/", "deploy/"].flatMap(pages)]
  .filter((page) => page !== GENERATED);

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The blocks of a page, and what it leaves to the reader to imagine. */
function allBlocks(path: string): readonly PageBlock[] {
  const companion = COMPANIONS[path];
  const blocks = blocksOf(textOf(path));
  if (companion === undefined) return blocks;
  return [
    { language: "yaml", marks: new Map(), text: textOf(companion), line: 100_001 },
    ...blocks,
  ];
}

/** Variables of the `cel` blocks below a block marked `inputs`. */
function variablesAt(blocks: readonly PageBlock[], block: PageBlock) {
  const given = blocks.slice(0, blocks.indexOf(block)).findLast(({ marks }) => marks.has("inputs"));
  if (given === undefined) return {};
  const [document] = readDocuments({ path: "inputs", text: given.text }, { withForeign: true });
  const value = document && documentValue(document);
  return isJsonObject(value) ? value : {};
}

for (const page of PAGES) {
  const blocks = allBlocks(page);

  if (blocks.some(hasDefinitions)) {
    Deno.test(`${page} compiles without a fault and its FunctionTests pass`, async () => {
      const program = programOf(page, blocks);
      const found = program.diagnostics.filter(({ severity }) => severity !== "information");
      deepEqual(found.map((each) => renderDiagnostic(each)), []);
      const { signal } = new AbortController();
      const report = await runFunctionTests(program, { signal });
      ok(allPassed(report), REPORTERS.pretty(report));
      if (KIND_PAGES.includes(page)) ok(report.passed > 0, "the page has no FunctionTest");
    });
  }

  for (const block of blocks.filter(({ language }) => language === "yaml")) {
    if (block.marks.has("fault") || block.marks.has("bad")) continue;
    Deno.test(`${page}:${block.line} is YAML`, () => {
      const found = readDocuments({ path: page, text: block.text }, { withForeign: true })
        .flatMap(({ diagnostics }) => diagnostics).filter(({ severity }) => severity === "error");
      deepEqual(found.map((each) => renderDiagnostic(each)), []);
    });
  }

  for (const block of blocks.filter(({ marks }) => marks.has("fault"))) {
    const code = block.marks.get("fault");
    Deno.test(`${page}:${block.line} gives ${code}, as it says`, () => {
      const before = blocks.slice(0, blocks.indexOf(block));
      const found = faultsOf(page, before, block);
      deepEqual(found.map((each) => each.code), [code]);
      const [frame] = blocks.slice(blocks.indexOf(block) + 1);
      if (frame?.marks.has("frame") !== true) return;
      equal(frame.text.trimEnd(), found.map((each) => renderDiagnostic(each)).join("\n\n"));
    });
  }

  const expressions = blocks.filter(({ language }) => language === "cel").flatMap((block) =>
    celExamples(block.text).map((example) => ({ example, variables: variablesAt(blocks, block) }))
  );
  if (expressions.length > 0) {
    Deno.test(`${page}: each of ${expressions.length} expressions gives what it says`, () => {
      const wrong = expressions.map(({ example, variables }) =>
        celExampleFault(example, variables)
      );
      deepEqual(wrong.filter((each) => each !== undefined), []);
    });
  }

  for (const block of blocks.filter(({ language }) => language === "console")) {
    for (const { command, stated, line } of consoleExamples(block)) {
      Deno.test(`${page}:${line} ${command} prints what it says`, async () => {
        const directory = await Deno.makeTempDir();
        try {
          await writeFiles(blocks.slice(0, blocks.indexOf(block)), directory);
          equal((await outputOf(command, directory)).trimEnd(), stated.trimEnd());
        } finally {
          await Deno.remove(directory, { recursive: true });
        }
      });
    }
  }
}

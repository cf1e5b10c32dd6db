// SPDX-License-Identifier: Apache-2.0

/** A fenced block of a Markdown page. */
export interface PageBlock {
  /** First word of the info string, for example `yaml`. */
  readonly language: string;
  /** The further words: `fragment`, `fault=unknown-step`, `file=shop.k.yaml`. */
  readonly marks: ReadonlyMap<string, string>;
  /** What stands between the fences, without the fences' indentation. */
  readonly text: string;
  /** 1-based line of the first line of `text`. */
  readonly line: number;
}

const OPENING = /^(\s*)(`{3,})\s*([^`]*)$/;

/** The fenced blocks of a page, in order. */
export function blocksOf(page: string): readonly PageBlock[] {
  const blocks: PageBlock[] = [];
  const lines = page.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const opening = OPENING.exec(lines[at] ?? "");
    if (opening === null) continue;
    const [, indent = "", fence = "", info = ""] = opening;
    const inside = lines.slice(at + 1);
    const length = inside.findIndex((line) => line.trim() === fence);
    if (length < 0) throw new TypeError(`Cannot read the page: line ${at + 1} opens a block`);
    const text = inside.slice(0, length).map((line) => line.replace(indent, "")).join("\n");
    blocks.push({ ...readInfo(info), text: `${text}\n`, line: at + 2 });
    at += length + 1;
  }
  return blocks;
}

function readInfo(info: string): Pick<PageBlock, "language" | "marks"> {
  const [language = "", ...words] = info.trim().split(/\s+/);
  const marks = new Map(words.map((word) => {
    const [name = "", value = ""] = word.split(/=(.*)/s);
    return [name, value];
  }));
  return { language, marks };
}

/** Whether a block holds definitions or tests of the language. */
export function hasDefinitions(block: PageBlock): boolean {
  return block.language === "yaml" && /^apiVersion: ["']?koreo\.dev\//m.test(block.text);
}

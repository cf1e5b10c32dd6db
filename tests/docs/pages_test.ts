// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, ok } from "node:assert/strict";
import { dirname, join, normalize } from "node:path/posix";
import { COMMANDS } from "../../src/cli/commands.ts";
import { blocksOf } from "./page_blocks.ts";

const ROOT = new URL("../../", import.meta.url);

function textOf(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

function pagesBelow(directory: string): readonly string[] {
  return [...Deno.readDirSync(new URL(directory, ROOT))].flatMap(({ name, isDirectory }) => {
    if (name.startsWith(".") || name === "node_modules") return [];
    if (isDirectory) return pagesBelow(`${directory}${name}/`);
    return name.endsWith(".md") ? [`${directory}${name}`] : [];
  }).sort();
}

const PAGES = [
  ...["README.md", "CONTRIBUTING.md", "CHANGELOG.md"],
  ...["docs/", "examples/", "deploy/", "tests/"].flatMap(pagesBelow),
];

/** Where a page leads to: targets of links and pictures, without those in code. */
function linksOf(page: string): readonly string[] {
  const prose = page.replaceAll(/^(\s*)(`{3,})[^]*?^\s*\2\s*$/gm, "").replaceAll(
    /`[^`\n]*`/g,
    "``",
  );
  return [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)/gm)]
    .map(([, inline, reference]) => inline ?? reference ?? "");
}

/** The anchors of a page's headings, as GitHub makes them: repeated ones are counted. */
function anchorsOf(page: string): ReadonlySet<string> {
  const prose = page.replaceAll(/^(\s*)(`{3,})[^]*?^\s*\2\s*$/gm, "");
  const seen = new Map<string, number>();
  return new Set(
    [...prose.matchAll(/^#{1,6}\s+(.+)$/gm)].map(([, heading = ""]) => {
      const words = heading.trim().toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, "");
      const anchor = words.replaceAll(/\s/g, "-");
      const times = seen.get(anchor) ?? 0;
      seen.set(anchor, times + 1);
      return times === 0 ? anchor : `${anchor}-${times}`;
    }),
  );
}

for (const page of PAGES) {
  Deno.test(`every relative link of ${page} leads to a file, and to a heading of it`, async () => {
    for (const link of linksOf(textOf(page))) {
      if (/^[a-z][a-z0-9+.-]*:/i.test(link)) continue;
      const [path = "", anchor] = link.split("#");
      const target = path === "" ? page : normalize(join(dirname(page), decodeURI(path)));
      const found = await Deno.stat(new URL(target, ROOT)).catch(() => undefined);
      ok(found !== undefined && !target.startsWith(".."), `${page} links to ${link}`);
      if (anchor === undefined) continue;
      ok(anchorsOf(textOf(target)).has(anchor), `${page} links to ${link}: no such heading`);
    }
  });
}

Deno.test("the first two commands of the README are those that need nothing but Node", () => {
  const shell = blocksOf(textOf("README.md")).filter(({ language }) => language === "sh");
  deepEqual(shell.slice(0, 2).map(({ text }) => text), [
    "npx -y deno@2.9.6 task demo\n",
    "npx -y deno@2.9.6 task test\n",
  ]);
});

/** The rows of a page's tables: cells without space around them. */
function rowsOf(page: string): readonly (readonly string[])[] {
  return page.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
  );
}

Deno.test("docs/reconcile.md lists every option of koreo reconcile with its default", () => {
  const command = COMMANDS.map(({ define }) => define()).find((each) =>
    each.name() === "reconcile"
  );
  const listed = new Map(
    rowsOf(textOf("docs/reconcile.md")).flatMap(([option = "", value = ""]) => {
      const [, name] = /^`(--[a-z-]+)/.exec(option) ?? [];
      return name === undefined ? [] : [[name, value] as const];
    }),
  );
  const options = command?.options ?? [];
  deepEqual([...listed.keys()].sort(), options.map(({ long }) => long).sort());
  for (const { long, defaultValue, defaultValueDescription, envVar } of options) {
    equal(envVar, `KOREO_${long?.slice(2).replaceAll("-", "_").toUpperCase()}`);
    const stated = defaultValueDescription ?? (defaultValue && `\`${defaultValue}\``);
    if (stated !== undefined) equal(listed.get(long ?? ""), stated.replace("its root", "the root"));
  }
});

Deno.test("docs/commands.md lists every command", () => {
  const listed = rowsOf(textOf("docs/commands.md")).flatMap(([cell = ""]) =>
    /^`koreo ([a-z]+)/.exec(cell)?.[1] ?? []
  );
  deepEqual(listed.sort(), COMMANDS.map(({ define }) => define().name()).sort());
});

Deno.test("docs/commands.md and docs/reconcile.md name every option of every command", () => {
  const pages = textOf("docs/commands.md") + textOf("docs/reconcile.md");
  const named = new Set(pages.match(/--[a-z][a-z-]*/g));
  const missing = COMMANDS.map(({ define }) => define()).flatMap((command) =>
    command.options.filter(({ long }) => !named.has(long ?? "")).map(({ long }) =>
      `${command.name()} ${long}`
    )
  );
  deepEqual(missing, []);
});

Deno.test("no page shows a koreo command that there is not", () => {
  const known = new Set(["help", ...COMMANDS.map(({ define }) => define().name())]);
  const shown = PAGES.flatMap((page) =>
    [...textOf(page).matchAll(/(?:`|\$ |^)koreo ([a-z][a-z-]*)/gm)].map(([, name = ""]) => ({
      page,
      name,
    }))
  );
  ok(shown.length > 50);
  deepEqual(shown.filter(({ name }) => !known.has(name)), []);
});

Deno.test("no page shows a koreo command with an option that it does not take", () => {
  const commands = new Map(
    COMMANDS.map(({ define }) => define()).map((command) => [
      command.name(),
      new Set(["--help", ...command.options.flatMap(({ long, short }) => [long, short])]),
    ]),
  );
  const lines = PAGES.flatMap((page) =>
    [
      ...textOf(page).replaceAll("\\\n", " ").matchAll(
        /(?:`|\$ |^)(?:deno task )?koreo (?:-- )?([a-z]+)([^`\n|]*)/gm,
      ),
    ].map(([, name = "", rest = ""]) => ({
      page,
      name,
      flags: rest.match(/(?<=\s)--?[a-z][a-z-]*/g),
    }))
  );
  const odd = lines.flatMap(({ page, name, flags }) => {
    const known = commands.get(name);
    return (flags ?? []).filter((flag) => known !== undefined && !known.has(flag))
      .map((flag) => ({ page, name, flag }));
  });
  ok(lines.some(({ flags }) => flags !== null));
  deepEqual(odd, []);
});

Deno.test("docs/configuration.md explains every key of the configuration file", () => {
  const page = textOf("docs/configuration.md");
  const keys = keysOf(JSON.parse(textOf("docs/schemas/config.json")));
  ok(keys.size > 20);
  deepEqual(
    [...keys].filter((key) => !new RegExp(`[\`.]${key}[\`.]|^${key}:`, "m").test(page)),
    [],
  );
});

/** The names of all properties that a JSON schema has. */
function keysOf(schema: unknown): ReadonlySet<string> {
  if (typeof schema !== "object" || schema === null) return new Set();
  return new Set(
    Object.entries(schema).flatMap(([name, value]) => [
      ...(name === "properties" ? Object.keys(value) : []),
      ...keysOf(value),
    ]),
  );
}

Deno.test("docs/README.md leads to every page of docs/", () => {
  const found = new Set(["docs/README.md"]);
  for (const page of found) { // grows while it is walked
    for (const link of linksOf(textOf(page))) {
      const target = normalize(join(dirname(page), link.replace(/#.*/, "")));
      if (PAGES.includes(target)) found.add(target);
    }
  }
  deepEqual(PAGES.filter((page) => page.startsWith("docs/") && !found.has(page)), []);
});

Deno.test("docs/decisions/ lists exactly the npm packages of deno.json, as they are pinned", () => {
  const { imports } = JSON.parse(textOf("deno.json"));
  const pinned = Object.entries<string>(imports).flatMap(([name, target]) => {
    const [, version] = /^npm:.+@(.+)$/.exec(target) ?? [];
    if (version === undefined) return [];
    equal(target, `npm:${name}@${version}`);
    ok(/^\d+\.\d+\.\d+$/.test(version), `${target} is not pinned exactly`);
    return [`${name} ${version}`];
  });
  const listed = rowsOf(textOf("docs/decisions/README.md")).flatMap(([names = "", version]) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => `${name} ${version}`)
  );
  deepEqual(listed.sort(), pinned.sort());
});

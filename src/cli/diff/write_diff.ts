// SPDX-License-Identifier: Apache-2.0

import type { CommandIo } from "../command_io.ts";
import { tableText } from "../table_text.ts";
import { writeDiagnostics } from "../write_diagnostics.ts";
import type { Change, DefinitionChange, DefinitionPlace } from "./compare_channels.ts";
import type { SideResult, TestChange, TestTurn } from "./compare_tests.ts";
import type { FoundDifference } from "./found_difference.ts";
import type { DiffSide } from "./diff_sides.ts";

/** Writes what differs for people. */
export function writeDiff(found: FoundDifference, io: CommandIo): void {
  const { definitions, workflows, tests, diagnostics } = found;
  const paint = painter(io.colour);
  for (const definition of definitions) io.stdout(`${definitionText(definition, paint)}\n`);
  if (workflows.length > 0) {
    const rows = workflows.map((
      { namespace, name, change, because },
    ) => [`  ${namespace}/${name}`, change, because.join(", ")]);
    io.stdout(`Workflows that behave differently\n${tableText(rows)}\n`);
  }
  if (tests.length > 0) io.stdout(`FunctionTests\n${tests.map(testText).join("")}\n`);
  writeDiagnostics(diagnostics, io);
  io.stdout(`${sideText(found.from)} to ${sideText(found.to)}: ${summary(found)}\n`);
}

function sideText({ name, loaded: { layers } }: DiffSide): string {
  const heads = layers.map(({ branch, commit }) => `${branch}@${commit.slice(0, 10)}`);
  return `${name} (${heads.join(" over ")})`;
}

type Paint = (style: keyof typeof STYLES, text: string) => string;

const STYLES = { bold: 1, red: 31, green: 32, cyan: 36 } as const;

function painter(isColoured: boolean): Paint {
  return (style, text) => isColoured ? `\x1b[${STYLES[style]}m${text}\x1b[0m` : text;
}

function definitionText(definition: DefinitionChange, paint: Paint): string {
  const { kind, namespace, name, change, from, to, diff } = definition;
  const head = [
    paint("bold", `${change} ${kind} ${namespace}/${name}`),
    paint("bold", `--- ${placeText(from)}`),
    paint("bold", `+++ ${placeText(to)}`),
  ];
  const shown = diff === "" ? [] : diff.replace(/\n$/, "").split("\n");
  const lines = shown.map((line) => lineText(line, paint));
  return `${[...head, ...lines].join("\n")}\n`;
}

function placeText(place: DefinitionPlace | undefined): string {
  if (place === undefined) return "(none)";
  return `${place.file}:${place.line} (${place.branch}@${place.commit.slice(0, 10)})`;
}

function lineText(line: string, paint: Paint): string {
  if (line.startsWith("-")) return paint("red", line);
  if (line.startsWith("+")) return paint("green", line);
  return line.startsWith("@@") ? paint("cyan", line) : line;
}

const TURNS: Readonly<Record<TestTurn, string>> = {
  newlyFailing: "newly failing",
  fixed: "fixed",
  stillFailing: "still failing",
  stillPassing: "passes as before",
  added: "new, passes",
  deleted: "deleted",
};

function testText({ namespace, name, turn, from, to }: TestChange): string {
  const shown = to?.pass === false ? to : turn === "fixed" ? from : undefined;
  return `  ${namespace}/${name}  ${TURNS[turn]}\n${shown === undefined ? "" : failureText(shown)}`;
}

function failureText({ message = "", case: label, file, line }: SideResult): string {
  const inCase = label === undefined ? "" : ` (${label})`;
  const reason = message.split("\n").join("\n      ");
  return `      ${reason}${inCase}\n      at ${file}:${line}\n`;
}

function summary({ definitions, workflows, diagnostics, tests }: FoundDifference): string {
  const changes = (["added", "changed", "deleted"] as const).flatMap((change: Change) =>
    counted(definitions.filter((one) => one.change === change).length, change)
  );
  const turned = (turn: TestTurn) => tests.filter((test) => test.turn === turn).length;
  const parts = [
    ...(changes.length === 0 ? [] : [`definitions ${changes.join(", ")}`]),
    ...counted(workflows.length, workflows.length === 1 ? "Workflow" : "Workflows"),
    ...counted(turned("newlyFailing"), "newly failing"),
    ...counted(turned("stillFailing"), "still failing"),
    ...counted(turned("fixed"), "fixed"),
    ...counted(diagnostics.length, diagnostics.length === 1 ? "new fault" : "new faults"),
  ];
  return parts.length === 0 ? "nothing differs" : parts.join("; ");
}

function counted(count: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} ${what}`];
}

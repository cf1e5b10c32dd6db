// SPDX-License-Identifier: Apache-2.0

import { errorText } from "../runtime/mod.ts";
import { nearestName, renderFrame, type SourceDocument, type SourceNode } from "../language/mod.ts";

/** What is wrong in a configuration file, and where. */
export interface ConfigurationFault {
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column: number;
  readonly message: string;
  /** Its line, with the part marked; credentials in it are not shown. */
  readonly frame: string;
}

/** A part of the file with the name that faults call it by. */
export interface Part {
  readonly node: SourceNode;
  readonly name: string;
}

/** Reads parts of a file; collects every fault, so that one look shows them all. */
export interface PartReader {
  readonly faults: readonly ConfigurationFault[];
  /** The members of a map by key; tells of keys that are not known. */
  map(part: Part, known: readonly string[]): ReadonlyMap<string, Part>;
  list(part: Part): readonly Part[];
  text(part: Part): string | undefined;
  wholeNumber(
    part: Part,
    range: { readonly from: number; readonly to: number },
  ): number | undefined;
  flag(part: Part): boolean | undefined;
  /** Reads a text on; what `read` throws is a fault of the part. */
  parsed<T>(part: Part, read: (text: string) => T): T | undefined;
  fault(part: Part, message: string): void;
}

/** Makes a reader of one document. */
export function createPartReader({ source }: SourceDocument): PartReader {
  const faults: ConfigurationFault[] = [];

  function fault({ node }: Part, message: string): void {
    const { line, column } = source.placeAt(node.start);
    faults.push({ line, column, message, frame: frameOf(source, node) });
  }

  function expected(part: Part, what: string): void {
    const { node, name } = part;
    const found = node.type === "scalar" ? scalarText(node.value, written(node)) : node.type;
    const called = name === "" ? "the configuration" : `"${name}"`;
    fault(part, `Cannot read ${called}: expected ${what}, found ${found}`);
  }

  /** A number as the file has it: `1.10` is the tag "1.10" and not 1.1. */
  function written({ start, end }: SourceNode): string {
    return source.text.slice(start, end);
  }

  function text(part: Part): string | undefined {
    const { node } = part;
    if (node.type === "scalar" && typeof node.value === "string" && node.value !== "") {
      return node.value;
    }
    const isBare = node.type === "scalar" && isNumberOrFlag(node.value);
    expected(part, isBare ? `a text in quotes, "${written(node)}"` : "a filled text");
    return undefined;
  }

  /** What stands there, also where the file means a number: `read` says what it takes instead. */
  function textOrWritten(part: Part): string | undefined {
    const { node } = part;
    return node.type === "scalar" && isNumberOrFlag(node.value) ? written(node) : text(part);
  }

  return {
    faults,
    fault,
    text,
    map(part, known) {
      const { node, name } = part;
      if (node.type !== "map") {
        expected(part, "a map");
        return new Map();
      }
      const members = new Map<string, Part>();
      for (const { key, keySpan, value } of node.entries) {
        const member = { node: value, name: name === "" ? key : `${name}.${key}` };
        if (known.length === 0 || known.includes(key)) members.set(key, member);
        else fault({ node: { ...value, ...keySpan }, name }, unknownKey(member.name, key, known));
      }
      return members;
    },
    list(part) {
      const { node, name } = part;
      if (node.type !== "list") {
        expected(part, "a list");
        return [];
      }
      return node.items.map((item, index) => ({ node: item, name: `${name}[${index}]` }));
    },
    wholeNumber(part, { from, to }) {
      const value = part.node.type === "scalar" ? part.node.value : undefined;
      const isIn = typeof value === "number" || typeof value === "bigint"
        ? Number.isInteger(Number(value)) && value >= from && value <= to
        : false;
      if (isIn) return Number(value);
      expected(part, `a whole number from ${from} to ${to}`);
      return undefined;
    },
    flag(part) {
      const { node } = part;
      if (node.type === "scalar" && typeof node.value === "boolean") return node.value;
      expected(part, "true or false");
      return undefined;
    },
    parsed(part, read) {
      const found = textOrWritten(part);
      if (found === undefined) return undefined;
      try {
        const value = read(found);
        return text(part) === undefined ? undefined : value;
      } catch (error) {
        fault(part, errorText(error));
        return undefined;
      }
    },
  };
}

function frameOf(
  source: SourceDocument["source"],
  { start, end }: Pick<SourceNode, "start" | "end">,
): string {
  const { text, start: lineStart } = source.lineAt(start);
  const endColumn = Math.min(end - lineStart, text.length) + 1;
  const { line, column } = source.placeAt(start);
  const excerpt = { text: withoutCredentialsOfUrls(text), endColumn };
  return renderFrame({ line, column, severity: "error", excerpt });
}

/** A line as it may be shown, and as long as it was: what a URL says before its host is hidden. */
export function withoutCredentialsOfUrls(line: string): string {
  return line.replace(/(?<=:\/\/).*(?=@)/g, (secret) => "*".repeat(secret.length));
}

function isNumberOrFlag(value: unknown): boolean {
  return ["number", "bigint", "boolean"].includes(typeof value);
}

function scalarText(value: unknown, written: string): string {
  if (value === "") return "an empty text";
  return isNumberOrFlag(value) ? written : `${value}`;
}

function unknownKey(name: string, key: string, known: readonly string[]): string {
  const near = nearestName(key, known);
  const help = near === undefined ? `known: ${known.join(", ")}` : `did you mean "${near}"?`;
  return `Cannot use "${name}": there is no such key; ${help}`;
}

// SPDX-License-Identifier: Apache-2.0

import { compileInSlices, type Program, type Slices } from "../../language/mod.ts";
import { type ShelvedDocument, shelveDocument } from "./document_shelf.ts";
import { createContentHoldings } from "./content_holdings.ts";
import { rememberLayers } from "./program_layers.ts";
import type { PublishedContent, PublishedProgram } from "./publication.ts";

/** Holds the Programs that channels run from: what two of them share is there once. */
export interface ProgramShelf {
  /** Keeps what is new of a generation. */
  add(content: PublishedContent): void;
  /** Compiles what is not compiled yet; unchanged definitions are the same objects as before. */
  compile(ids: Iterable<string>): Slices<void>;
  /** A compiled Program. */
  program(id: string): Program | undefined;
  /** Text and settings of these Programs and all their documents, FunctionTests included. */
  content(ids: Iterable<string>): PublishedContent;
  /** A channel needs these Programs and no others; what no channel needs is dropped. */
  keep(channel: string, ids: Iterable<string>): void;
}

interface ShelvedProgram {
  readonly published: PublishedProgram;
  compiled?: Program;
}

/** Makes an empty one. */
export function createProgramShelf(): ProgramShelf {
  const programs = new Map<string, ShelvedProgram>();
  const documents = new Map<string, ShelvedDocument>();
  const holdings = createContentHoldings();

  function find<T>(from: ReadonlyMap<string, T>, id: string): T {
    const found = from.get(id);
    if (found === undefined) throw new TypeError(`Cannot use "${id}": it was not published`);
    return found;
  }

  /** What comes from another thread has each of its thousands of ids anew. */
  function withSharedIds({ tests, ...program }: PublishedProgram): PublishedProgram {
    const shared = (id: string) => documents.get(id)?.published.id ?? id;
    return {
      ...program,
      documents: program.documents.map(shared),
      ...(tests === undefined ? {} : { tests: tests.map(shared) }),
    };
  }

  function* compileOne(shelved: ShelvedProgram): Slices<void> {
    const { namespace, priority } = shelved.published;
    const own = shelved.published.documents.map((id) => find(documents, id));
    const read = [];
    for (const document of own) {
      read.push(...yield* document.read());
      yield;
    }
    shelved.compiled = yield* compileInSlices(read, {
      defaultNamespace: namespace,
      ...(priority === undefined ? {} : { namespaces: priority }),
      previous: [...programs.values()].flatMap(({ compiled }) => compiled ?? []),
    });
    rememberLayers(shelved.compiled, shelved.published);
    for (const document of own) document.dropTree();
  }

  return {
    add(content) {
      for (const published of content.documents) {
        const { id } = published;
        if (!documents.has(id)) documents.set(id, shelveDocument(published));
      }
      for (const published of content.programs) {
        if (!programs.has(published.id)) {
          programs.set(published.id, { published: withSharedIds(published) });
        }
      }
    },
    *compile(ids) {
      for (const id of ids) {
        const shelved = find(programs, id);
        if (shelved.compiled === undefined) yield* compileOne(shelved);
      }
    },
    program: (id) => programs.get(id)?.compiled,
    content(ids) {
      const own = [...ids].map((id) => find(programs, id).published);
      const used = new Set(own.flatMap(({ documents, tests = [] }) => [...documents, ...tests]));
      return {
        programs: own,
        documents: [...used].map((id) => find(documents, id).published),
      };
    },
    keep(channel, ids) {
      const own = [...ids].map((id) => find(programs, id).published);
      const { dropped } = holdings.replace(channel, own);
      for (const id of dropped) {
        programs.delete(id);
        documents.delete(id);
      }
    },
  };
}

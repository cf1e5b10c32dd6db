// SPDX-License-Identifier: Apache-2.0

/** What a decoder takes, as far as a schema can say it: that what it refuses may be more. */
export type Shape =
  | {
    readonly type: "map";
    /** The known fields; others have no effect (SD-31). */
    readonly fields: Readonly<Record<string, FieldShape>>;
  }
  /** A map with any keys. */
  | { readonly type: "openMap" }
  | { readonly type: "list"; readonly item: Shape }
  | { readonly type: "text"; readonly isFilled?: boolean; readonly allowed?: readonly string[] }
  | { readonly type: "bool" }
  | { readonly type: "seconds" }
  /** Nothing that a schema can say. */
  | { readonly type: "any" };

/** A field of a map. */
export interface FieldShape {
  readonly shape: Shape;
  readonly isRequired: boolean;
  readonly isNullable: boolean;
}

const ANY: Shape = { type: "any" };

/** Shapes of decoders; a decoder that nothing was said of may take anything. */
const shapes = new WeakMap<object, Shape>();

/** Says what a decoder takes. Returns the decoder. */
export function shaped<D extends object>(decoder: D, shape: Shape): D {
  shapes.set(decoder, shape);
  return decoder;
}

/** What a decoder takes, as far as it was said. */
export function shapeOf(decoder: object): Shape {
  return shapes.get(decoder) ?? ANY;
}

/** Any map. */
export const OPEN_MAP: Shape = { type: "openMap" };

// SPDX-License-Identifier: Apache-2.0

import { overlayEntry, RESOURCE } from "./decode_overlay_entry.ts";
import { predicates } from "./decode_predicates.ts";
import {
  exactlyOne,
  type FieldRule,
  nullable,
  optional,
  record,
  required,
  withDefault,
} from "./decode_record.ts";
import {
  checkLocalNames,
  literalText,
  locals,
  mapTemplate,
  overlay,
  textTemplate,
} from "./decode_values.ts";
import {
  bool,
  type Decoded,
  decodeInSlices,
  type Decoder,
  type Decoding,
  filledText,
  INVALID,
  list,
  report,
  seconds,
} from "./decoder.ts";
import type { DocumentPart } from "./document_part.ts";
import type {
  ApiConfig,
  DefinitionBase,
  ResourceFunction,
  Template,
  UpdatePolicy,
} from "./definition.ts";
import { pathText } from "./document_path.ts";
import { shaped, shapeOf } from "./shape.ts";
import type { Slices } from "./slices.ts";
import { entryOf, type SourceNode } from "./source_node.ts";
import { inputUseOf } from "./variable_use.ts";

const INPUTS = ["inputs"];
const LOCALS = ["inputs", "locals"];
const DEFAULT_DELAY_SECONDS = 30;

const API_CONFIG = record(
  {
    apiVersion: required(filled(literalText)),
    kind: required(filled(literalText)),
    plural: optional(filled(literalText)),
    name: required(filled(textTemplate(LOCALS))),
    namespaced: withDefault(bool, true),
    namespace: optional(filled(textTemplate(LOCALS))),
    readonly: withDefault(bool, false),
    deleteIfExists: withDefault(bool, false),
    owned: withDefault(bool, true),
  },
  namespaceRule,
  modeRule,
);

/** Refuses empty text before it is decoded further. */
function filled<T>(decode: Decoder<T>): Decoder<T> {
  return shaped(
    (part, decoding) => filledText(part, decoding) === INVALID ? INVALID : decode(part, decoding),
    { type: "text", isFilled: true },
  );
}

/** RF-6 */
function namespaceRule(...[given, part, decoding]: Parameters<FieldRule>): boolean {
  const namespace = given.get("namespace");
  const isNamespaced = !isLiteral(given.get("namespaced")?.node, false);
  if (isNamespaced && namespace === undefined) {
    report(decoding, part, {
      code: "missing-field",
      message: 'Cannot read "spec.apiConfig": field "namespace" is required for a namespaced kind',
      help: "set namespaced: false for a cluster-scoped kind",
    });
    return false;
  }
  if (!isNamespaced && namespace !== undefined) {
    report(decoding, namespace, {
      code: "no-effect",
      message: 'Field "namespace" has no effect: "namespaced" is false',
    });
  }
  return true;
}

/** RF-7, RF-26 */
function modeRule(...[given, part, decoding]: Parameters<FieldRule>): boolean {
  const isBoth = ["readonly", "deleteIfExists"].every((name) =>
    isLiteral(given.get(name)?.node, true)
  );
  if (!isBoth) return true;
  report(decoding, given.get("deleteIfExists") ?? part, {
    code: "conflict",
    message:
      'Cannot use "readonly" and "deleteIfExists" together: one reads only, the other deletes',
  });
  return false;
}

function isLiteral(node: SourceNode | undefined, value: boolean): boolean {
  return node?.type === "scalar" && node.value === value;
}

const delayed = record({ delay: withDefault(seconds, DEFAULT_DELAY_SECONDS) });

/** RF-18 */
const UPDATE = record({
  patch: optional(delayed),
  recreate: optional(delayed),
  never: optional(record({})),
}, exactlyOne("patch", "recreate", "never"));

const update: Decoder<UpdatePolicy> = shaped((part, decoding) => {
  const given = UPDATE(part, decoding);
  if (given === INVALID) return INVALID;
  if (given.patch) return { type: "patch", delaySeconds: given.patch.delay };
  if (given.recreate) return { type: "recreate", delaySeconds: given.recreate.delay };
  return { type: "never" };
}, shapeOf(UPDATE));

const DELETE = record({
  abandon: optional(record({})),
  destroy: optional(record({})),
}, exactlyOne("abandon", "destroy"));

const deletePolicy: Decoder<"abandon" | "destroy"> = shaped((part, decoding) => {
  const given = DELETE(part, decoding);
  return given === INVALID ? INVALID : given.abandon ? "abandon" : "destroy";
}, shapeOf(DELETE));

const CREATE = record({
  enabled: withDefault(bool, true),
  delay: withDefault(seconds, DEFAULT_DELAY_SECONDS),
  overlay: nullable(optional(overlay(RESOURCE))),
});

const SPEC = record(
  {
    preconditions: withDefault(predicates(INPUTS), []),
    locals: withDefault(locals(LOCALS), []),
    apiConfig: required(API_CONFIG),
    resource: optional(mapTemplate(LOCALS)),
    resourceTemplateRef: optional(record({ name: required(filled(textTemplate(LOCALS))) })),
    overlays: withDefault(list(overlayEntry), []),
    create: withDefault(CREATE, {
      enabled: true,
      delay: DEFAULT_DELAY_SECONDS,
      overlay: undefined,
    }),
    update: withDefault<UpdatePolicy>(update, {
      type: "patch",
      delaySeconds: DEFAULT_DELAY_SECONDS,
    }),
    delete: optional(deletePolicy),
    postconditions: withDefault(predicates(RESOURCE), []),
    return: optional(mapTemplate(RESOURCE)),
  },
  exactlyOne("resource", "resourceTemplateRef"),
  unmanagedRule,
);

/** RF-25 */
function unmanagedRule(...[given, _part, decoding]: Parameters<FieldRule>): boolean {
  const apiConfig = given.get("apiConfig")?.node;
  const mode = ["readonly", "deleteIfExists"]
    .find((name) => isLiteral(entryOf(apiConfig, name)?.value, true));
  if (mode === undefined) return true;
  for (const name of ["create", "update", "delete", "overlays"]) {
    const part = given.get(name);
    if (part === undefined) continue;
    report(decoding, part, {
      code: "no-effect",
      message: `Field "${pathText(part.path)}" has no effect: "${mode}" is true`,
    });
  }
  return true;
}

/** What the `spec` of a ResourceFunction takes. */
export const RESOURCE_FUNCTION = shapeOf(SPEC);

/** Reads the `spec` of a ResourceFunction (chapter 9). */
export function* decodeResourceFunction(
  base: DefinitionBase,
  spec: DocumentPart,
  decoding: Decoding,
): Slices<Decoded<ResourceFunction>> {
  const fields = yield* decodeInSlices(SPEC, spec, decoding);
  yield* checkLocalNames(spec.node, decoding);
  if (fields === INVALID) return INVALID;
  const { create, resource, resourceTemplateRef } = fields;
  const target = toBase(resource?.template, resourceTemplateRef?.name);
  if (target === undefined) return INVALID;
  return {
    ...base,
    type: "ResourceFunction",
    preconditions: fields.preconditions,
    locals: fields.locals,
    apiConfig: toApiConfig(fields.apiConfig),
    base: target,
    overlays: fields.overlays,
    create: {
      enabled: create.enabled,
      delaySeconds: create.delay,
      ...(create.overlay ? { overlay: create.overlay } : {}),
    },
    update: fields.update,
    ...(fields.delete ? { deletePolicy: fields.delete } : {}),
    postconditions: fields.postconditions,
    ...(fields.return && fields.return.keys.length > 0 ? { return: fields.return.template } : {}),
    neededInputs: inputUseOf(decoding.uses, "inputs").needed,
  };
}

function toBase(
  template: Template | undefined,
  name: Template | undefined,
): ResourceFunction["base"] | undefined {
  if (template) return { type: "resource", template };
  return name && { type: "templateRef", name };
}

type GivenApiConfig = Exclude<ReturnType<typeof API_CONFIG>, typeof INVALID>;

function toApiConfig(given: GivenApiConfig): ApiConfig {
  const { apiVersion, kind, plural, name, namespaced, namespace, owned } = given;
  return {
    apiVersion,
    kind,
    ...(plural === undefined ? {} : { plural }),
    name,
    ...(namespaced && namespace ? { namespace } : {}),
    namespaced,
    mode: given.readonly ? "readonly" : given.deleteIfExists ? "deleteIfExists" : "manage",
    owned,
  };
}

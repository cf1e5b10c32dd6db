// SPDX-License-Identifier: Apache-2.0

import {
  evaluationFailure,
  isFailure,
  isJsonObject,
  type JsonObject,
  mergeMaps,
  type Ok,
  type OverlayEntry,
  type Program,
  type ResourceFunction,
  typeName,
  type Value,
} from "../language/mod.ts";
import { evaluate, type Evaluated, evaluateJson, shownValue } from "./evaluation.ts";
import { type ResourceIdentity, resourceText } from "./resource_identity.ts";
import type { PureContext } from "./run_context.ts";
import { runValueFunction } from "./run_value_function.ts";

/** What a target is built from (9.3). */
export interface TargetParts {
  readonly fn: ResourceFunction;
  readonly resource: ResourceIdentity;
  readonly inputs: Value;
  readonly locals: Value;
  readonly run: PureContext & { readonly program: Program };
}

/** Builds the target: base, forced identity, overlays, forced identity (RF-31 to RF-40). */
export function buildTarget(parts: TargetParts): Evaluated<JsonObject> {
  const base = buildBase(parts);
  if (base.type !== "Ok") return base;
  let target = withIdentity(base.value, parts.resource);
  for (const [index, entry] of parts.fn.overlays.entries()) {
    const overlaid = applyEntry({ ...parts, entry, index, target });
    if (overlaid.type !== "Ok") return overlaid;
    target = overlaid.value;
  }
  return ok(parts.fn.overlays.length === 0 ? target : withIdentity(target, parts.resource));
}

/** The target with `create.overlay` on it (RF-42). */
export function buildCreation(parts: TargetParts, target: JsonObject): Evaluated<JsonObject> {
  const { overlay } = parts.fn.create;
  if (!overlay) return ok(target);
  const variables = { inputs: parts.inputs, locals: parts.locals, resource: target };
  const made = overlay.apply(target, variables, parts.run.budget);
  return isFailure(made)
    ? evaluationFailure("spec.create.overlay", made)
    : ok(withIdentity(made, parts.resource));
}

/** RF-31. `metadata` and `annotations` that are `null` count as empty maps (RF-61). */
function withIdentity(target: JsonObject, resource: ResourceIdentity): JsonObject {
  const { apiVersion, kind, namespace, name } = resource;
  const metadata = namespace === undefined ? { name } : { name, namespace };
  const forced = mergeMaps(target, { apiVersion, kind, metadata });
  if (!isJsonObject(forced.metadata) || forced.metadata.annotations !== null) return forced;
  return { ...forced, metadata: { ...forced.metadata, annotations: {} } };
}

/** RF-32 to RF-35. */
function buildBase(parts: TargetParts): Evaluated<JsonObject> {
  const { base } = parts.fn;
  const place = `${resourceText(parts.resource)}:spec.resource`;
  const { budget, program } = parts.run;
  const variables = { inputs: parts.inputs, locals: parts.locals };
  if (base.type === "resource") {
    const value = evaluateJson(base.template, { variables, budget, place });
    return value.type === "Ok" ? asMap(value, place) : value;
  }
  const location = `${place}TemplateRef.name`;
  const name = evaluate(base.name, { variables, budget, place: location });
  return name.type === "Ok" ? templateOf(program, name.value, location) : name;
}

function templateOf(program: Program, name: Value, place: string): Evaluated<JsonObject> {
  if (typeof name !== "string") {
    const found = `'${shownValue(name)}' (${typeName(name)})`;
    return {
      type: "PermFail",
      message: `Expected string, but received ${found} at \`spec.resourceTemplateRef.name\``,
      location: `${place}<eval>`,
    };
  }
  const found = program.find("ResourceTemplate", name);
  if (found.type === "ready") return ok(found.definition.template);
  const words = found.type === "missing"
    ? "not found."
    : `is not ready (${found.diagnostic.message})`;
  const message = `ResourceTemplate:${name} ${words}`;
  return { type: "Retry", delaySeconds: 30, message, location: `${place}<load>` };
}

/** One entry of `overlays`, and the target so far. */
interface EntryParts extends TargetParts {
  readonly entry: OverlayEntry;
  readonly index: number;
  readonly target: JsonObject;
}

/** RF-36 to RF-40. */
function applyEntry(parts: EntryParts): Evaluated<JsonObject> {
  const { entry, target, index, run } = parts;
  const place = `${resourceText(parts.resource)}:spec.overlays[${index}]`;
  const variables = { inputs: parts.inputs, locals: parts.locals, resource: target };
  if (entry.skipIf) {
    const scope = { variables, budget: run.budget, place: `${place}.skipIf` };
    const skip = evaluate(entry.skipIf, scope);
    if (skip.type !== "Ok") return skip;
    if (typeof skip.value !== "boolean") return notBoolean(skip.value, index, scope.place);
    if (skip.value) return ok(target);
  }
  if (entry.type === "reference") return applyReference(parts, entry, place);
  const made = entry.overlay.apply(target, variables, run.budget);
  return isFailure(made) ? evaluationFailure(`${place}.overlay`, made) : ok(made);
}

/** RF-37. */
function notBoolean(value: Value, index: number, location: string): Evaluated<JsonObject> {
  const place = `'spec.overlays[${index}].skipIf'`;
  const message = `Expected boolean, but received ${typeName(value)} for ${place}`;
  return { type: "PermFail", message, location };
}

/** RF-38 to RF-40. */
function applyReference(
  parts: EntryParts,
  entry: OverlayEntry & { readonly type: "reference" },
  place: string,
): Evaluated<JsonObject> {
  const { run, index, target } = parts;
  const found = run.program.find("ValueFunction", entry.name);
  if (found.type !== "ready") {
    const why = found.type === "missing" ? "not found" : found.diagnostic.message;
    const message = `ValueFunction:${entry.name} not ready (${why})`;
    const location = `spec.overlays[${index}].overlayRef`;
    return { type: "Retry", delaySeconds: 60, message, location };
  }
  const absent = found.definition.neededInputs.filter((name) => !entry.inputKeys.includes(name));
  if (absent.length > 0) return missingInputs(entry.name, absent, index);
  const variables = { inputs: parts.inputs, locals: parts.locals, resource: target };
  const scope = { variables, budget: run.budget, place: `${place}.inputs` };
  const inputs = entry.inputs ? evaluate(entry.inputs, scope) : ok({});
  if (inputs.type !== "Ok") return inputs;
  const location = `${place}.overlayRef<eval>`;
  const call = { inputs: inputs.value, base: target, location };
  const outcome = runValueFunction(found.definition, call, run);
  return outcome.type === "Ok" ? asMap(outcome, location) : outcome;
}

/** RF-40. */
function missingInputs(
  name: string,
  absent: readonly string[],
  index: number,
): Evaluated<JsonObject> {
  const names = absent.map((input) => `"${input}"`).join(", ");
  const message = `${name} expected the following inputs ${names}.`;
  return { type: "PermFail", message, location: `spec.overlays[${index}].inputs` };
}

function asMap(outcome: Ok, place: string): Evaluated<JsonObject> {
  if (isJsonObject(outcome.value)) return ok(outcome.value);
  const message = `Expected mapping, but received ${typeName(outcome.value)} for '${place}'`;
  return { type: "PermFail", message, location: place };
}

function ok(value: JsonObject): Ok<JsonObject> {
  return { type: "Ok", value };
}

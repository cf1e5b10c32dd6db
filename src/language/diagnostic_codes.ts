// SPDX-License-Identifier: Apache-2.0

import type { Severity } from "./diagnostic.ts";

/** What a diagnostic code means, with a text that provokes it and one that does not. */
export interface DiagnosticRule {
  readonly severity: Severity;
  readonly meaning: string;
  readonly bad: string;
  readonly good: string;
}

const rule = (severity: Severity, meaning: string, bad: string, good: string): DiagnosticRule => ({
  severity,
  meaning,
  bad,
  good,
});

/**
 * Every diagnostic code (LANGUAGE.md 2.1, 2.2). Codes are permanent.
 *
 * `shadowed-name` is the information that SD-17 asks for. Limits that only a run can exceed are
 * listed because their names are permanent too.
 */
export const DIAGNOSTIC_CODES = {
  "unreadable-file": rule(
    "error",
    "A file or directory that is not there, or cannot be read",
    "a path that leads nowhere",
    "a path that can be read",
  ),
  "skipped-file": rule(
    "information",
    "A link, or another entry of a directory, that is not read",
    "a link to a file elsewhere",
    "the file itself",
  ),
  "yaml-syntax": rule("error", "The YAML cannot be parsed", "a: [1", "a: [1]"),
  "duplicate-key": rule("error", "A key occurs twice in a map", "{a: 1, a: 2}", "{a: 1, b: 2}"),
  "not-an-object": rule("error", "A document is not a map", "- a", "a: 1"),
  "unknown-kind": rule(
    "error",
    "A koreo.dev document of another version or kind",
    "kind: ValueFunktion",
    "kind: ValueFunction",
  ),
  "missing-name": rule(
    "error",
    "`metadata.name` is absent or empty",
    "metadata: {}",
    "metadata: {name: a.v1}",
  ),
  "duplicate-definition": rule(
    "error",
    "Two definitions of one kind, namespace and name in one source",
    "two documents named a.v1",
    "a.v1 and a.v2",
  ),
  "unsupported-yaml": rule(
    "error",
    "A foreign tag, a key that is no scalar, `.inf` or `.nan`",
    "a: .nan",
    'a: ".nan"',
  ),
  "ambiguous-scalar": rule(
    "warning",
    "A plain scalar that other readers take for something else",
    "a: yes",
    'a: "yes"',
  ),
  "missing-field": rule(
    "error",
    "A required field is absent",
    "ref: {kind: Workflow}",
    "ref: {kind: Workflow, name: a.v1}",
  ),
  "wrong-type": rule(
    "error",
    "A value of another type, or `null` where it is not allowed",
    "owned: 1",
    "owned: true",
  ),
  "bad-value": rule(
    "error",
    "A value outside the allowed set, length, range, count or pattern",
    "delay: -1",
    "delay: 0",
  ),
  "exactly-one": rule(
    "error",
    "None or several of a group of which exactly one is required",
    "update: {}",
    "update: {never: {}}",
  ),
  "unknown-field": rule(
    "warning",
    "A field that the kind does not have",
    "retrun: {}",
    "return: {}",
  ),
  "conflict": rule(
    "error",
    "Fields that exclude each other",
    "{readonly: true, deleteIfExists: true}",
    "{readonly: true}",
  ),
  "no-effect": rule(
    "warning",
    "A field that has no effect in this place",
    "{namespaced: false, namespace: a}",
    "{namespaced: false}",
  ),
  "expression-syntax": rule(
    "error",
    "An expression does not parse, or is empty",
    "a: =1 +",
    "a: =1 + 1",
  ),
  "undeclared-variable": rule(
    "warning",
    "A variable that the field does not have",
    "a: =input.x",
    "a: =inputs.x",
  ),
  "unknown-function": rule(
    "warning",
    "A function that does not exist, or another number of arguments",
    "a: =inputs.x.lowr()",
    "a: =inputs.x.lower()",
  ),
  "bad-pattern": rule(
    "warning",
    "A constant regular expression that is not valid",
    "a: =inputs.x.matches('(')",
    "a: =inputs.x.matches('[(]')",
  ),
  "not-evaluated": rule(
    "warning",
    "Text with a leading `=` in a place that takes literals only",
    "defaultReturn: {a: =inputs.x}",
    "return: {a: =inputs.x}",
  ),
  "unknown-local": rule(
    "warning",
    "`locals.x` without a local `x`",
    "a: =locals.nmae",
    "a: =locals.name",
  ),
  "local-cycle": rule(
    "error",
    "Locals that need each other",
    "{a: =locals.b, b: =locals.a}",
    "{a: 1, b: =locals.a}",
  ),
  "unknown-reference": rule(
    "unresolved",
    "A referenced definition does not exist",
    "ref: {kind: ValueFunction, name: gone.v1}",
    "ref: {kind: ValueFunction, name: here.v1}",
  ),
  "broken-reference": rule(
    "unresolved",
    "A referenced definition is broken",
    "ref: {kind: ValueFunction, name: broken.v1}",
    "ref: {kind: ValueFunction, name: sound.v1}",
  ),
  "unknown-step": rule(
    "error",
    "`steps.x` without a step `x`",
    "name: =steps.confg.name",
    "name: =steps.config.name",
  ),
  "step-cycle": rule(
    "error",
    "Steps that need each other or themselves",
    "step a reads steps.b, step b reads steps.a",
    "step b reads steps.a",
  ),
  "duplicate-label": rule(
    "error",
    "Two steps with one label",
    "two steps `config`",
    "`config` and `service`",
  ),
  "workflow-cycle": rule(
    "error",
    "A Workflow that reaches itself through sub-Workflows",
    "a.v1 runs b.v1, b.v1 runs a.v1",
    "a.v1 runs b.v1",
  ),
  "duplicate-case": rule(
    "error",
    "A `case` value twice in one `refSwitch`",
    "cases a, a",
    "cases a, b",
  ),
  "several-defaults": rule(
    "error",
    "More than one default in one `refSwitch`",
    "two `default: true`",
    "one",
  ),
  "missing-input": rule(
    "warning",
    "A step or overlay does not give an input its Logic needs",
    "inputs: {}",
    "inputs: {name: =parent.metadata.name}",
  ),
  "extra-input": rule(
    "warning",
    "A step or overlay gives an input its Logic never uses",
    "inputs: {name: a, nmae: a}",
    "inputs: {name: a}",
  ),
  "bare-steps": rule(
    "warning",
    "`steps` used other than as `steps.<label>`",
    "a: =steps",
    "a: =steps.config",
  ),
  "assertion-count": rule(
    "error",
    "A test case with the wrong number of assertions",
    "- label: a",
    "- {label: a, expectOutcome: {ok: {}}}",
  ),
  "wrong-assertion": rule(
    "error",
    "An assertion or field that the kind under test does not have",
    "expectDelete: true (ValueFunction)",
    "expectReturn: {a: 1}",
  ),
  "empty-expectation": rule(
    "error",
    "`expectReturn: {}` or `expectResource: {}`",
    "expectReturn: {}",
    "expectReturn: {a: 1}",
  ),
  "shadowed-name": rule(
    "information",
    "A name that exists in several namespaces; the first in the priority list counts",
    "a.v1 in team-a and in platform",
    "a.v1 in platform",
  ),
  "impossible-type": rule(
    "warning",
    "An expression that never gives the type which its field takes",
    "skipIf: =steps.config.name + '-x'",
    "skipIf: =steps.config.name == 'x'",
  ),
  "impossible-operation": rule(
    "warning",
    "An operator, function or member on types that never have it",
    "name: ='web-' + 1",
    "name: ='web-' + string(1)",
  ),
  "unknown-key": rule(
    "warning",
    "A key that a map which is known as a whole does not have",
    "{locals: {size: {cpu: 1}}, return: {cpu: =locals.size.cpus}}",
    "{locals: {size: {cpu: 1}}, return: {cpu: =locals.size.cpu}}",
  ),
  "unknown-return-field": rule(
    "warning",
    "A field of a step's value that what the step runs does not return",
    "name: =steps.config.nmae",
    "name: =steps.config.name",
  ),
  "unread-field": rule(
    "information",
    "A field that a Function returns and no step that runs the Function reads",
    "return: {name: =inputs.name, unused: 1}",
    "return: {name: =inputs.name}",
  ),
  "always-fires": rule(
    "warning",
    "A predicate that always fires, so that nothing after it runs",
    "- {assert: =false, skip: {message: off}}",
    "- {assert: =inputs.enabled, skip: {message: off}}",
  ),
  "unreachable-case": rule(
    "warning",
    "A case that the value of its switch never takes",
    "{switchOn: =inputs.x ? 'a' : 'b', cases: [{case: c, kind: Workflow, name: c.v1}]}",
    "{switchOn: =inputs.x ? 'a' : 'b', cases: [{case: a, kind: Workflow, name: a.v1}]}",
  ),
  "unreachable-overlay": rule(
    "warning",
    "An overlay that is never applied, because its `skipIf` is always true",
    "{skipIf: =true, overlay: {a: 1}}",
    "{skipIf: =inputs.plain, overlay: {a: 1}}",
  ),
  "unreachable-step": rule(
    "warning",
    "A step that never runs, because its `skipIf` is always true",
    "skipIf: =true",
    "skipIf: =parent.spec.paused",
  ),
  "document-too-large": rule(
    "error",
    "More than 1 MiB in a document, or 16 MiB in a file",
    "one large document",
    "several files",
  ),
  "too-many-aliases": rule(
    "error",
    "More than 100,000 nodes in a document after aliases are expanded",
    "aliases of aliases of aliases",
    "the data itself",
  ),
  "nesting-too-deep": rule("error", "More than 100 levels of nesting", "[[[…]]]", "[…]"),
  "expression-too-long": rule(
    "error",
    "An expression of more than 32,768 characters",
    "a: =…",
    "locals",
  ),
  "expression-too-deep": rule(
    "error",
    "An expression of more than 200 levels",
    "a: =((((…))))",
    "locals",
  ),
  "too-many-steps": rule(
    "error",
    "More than 100 steps in a Workflow",
    "101 steps",
    "a sub-Workflow",
  ),
  "too-many-test-cases": rule(
    "error",
    "More than 200 test cases in a FunctionTest",
    "201 cases",
    "two FunctionTests",
  ),
  "workflow-too-deep": rule(
    "error",
    "More than 16 levels of sub-Workflows",
    "17 levels",
    "16 levels",
  ),
  "too-many-predicates": rule(
    "error",
    "More than 20 preconditions or postconditions",
    "21 preconditions",
    "20 preconditions",
  ),
  "cost-limit-exceeded": rule(
    "error",
    "An evaluation that costs too much",
    "nested loops over inputs",
    "one loop",
  ),
  "string-too-long": rule(
    "error",
    "A string of more than 1 MiB made by an expression",
    "doubling a text",
    "the text",
  ),
  "value-too-large": rule(
    "error",
    "A value of more than 1,000,000 nodes",
    "nested maps of lists",
    "one list",
  ),
  "too-many-items": rule(
    "error",
    "More than 1,000 items in a `forEach`",
    "1,001 items",
    "1,000 items",
  ),
  "managed-resources-too-large": rule(
    "error",
    "More than 200 KiB of managed resources of one trigger",
    "2,000 objects",
    "several triggers",
  ),
  "pattern-too-costly": rule(
    "error",
    "A pattern match that needs more than the remaining cost",
    "matches('(a*)*b')",
    "matches('a*b')",
  ),
} as const satisfies Readonly<Record<string, DiagnosticRule>>;

/** A diagnostic code. */
export type DiagnosticCode = keyof typeof DIAGNOSTIC_CODES;

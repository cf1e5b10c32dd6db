// SPDX-License-Identifier: Apache-2.0

import type { DiagnosticCode } from "../../src/language/mod.ts";

/** What a reader wants to know of a code beyond its meaning. */
export interface Advice {
  /** When it is raised, and why it matters. */
  readonly when: string;
  /** What to do about it. */
  readonly next: string;
}

const advice = (when: string, next: string): Advice => ({ when, next });

/** One row for every code; the suite fails for a code without. */
export const DIAGNOSTIC_ADVICE: Readonly<Partial<Record<DiagnosticCode, Advice>>> = {
  "unreadable-file": advice(
    "When a command is given a path that is not there, that it may not read, or that is neither a " +
      "file nor a directory. What stands at its other paths is read all the same.",
    "Correct the path, or let whoever runs the command read it.",
  ),
  "skipped-file": advice(
    "When a directory or a repository is read. A link in a directory is followed to a file that is " +
      "within it as well, and nowhere else; in a repository no link is followed, no submodule " +
      "read, and no path that not every system can hold.",
    "Put the file itself in the place of the link.",
  ),
  "yaml-syntax": advice(
    "While the file is read. The other documents of the file are read all the same.",
    "Look at the marked place and just before it: most often a bracket, a quote or the indentation.",
  ),
  "duplicate-key": advice(
    "While the file is read. Other readers keep one of the two values silently, not all the same one.",
    "Delete one of the two, or rename it.",
  ),
  "not-an-object": advice(
    "While the file is read: a definition is a map with `apiVersion`, `kind`, `metadata`, `spec`.",
    "Remove the document, or move the file out of the definitions.",
  ),
  "unknown-kind": advice(
    "When a document's `apiVersion` begins with `koreo.dev/`, but no such kind or version exists.",
    "Correct `apiVersion` to `koreo.dev/v1beta1` and `kind` to one of the five kinds.",
  ),
  "missing-name": advice(
    "When a definition has no name by which others could refer to it.",
    "Give it `metadata.name`, by convention ending in a version: `redis.v1`.",
  ),
  "duplicate-definition": advice(
    "When two documents of one source are the same definition (SD-10). The first is used.",
    "Delete one, or give the newer one a new version in its name (VC-2).",
  ),
  "unsupported-yaml": advice(
    "While the file is read: the value has no counterpart in JSON (SD-3).",
    "Quote it, or write it as a plain map, list, text, number, boolean or null.",
  ),
  "ambiguous-scalar": advice(
    "When other YAML readers used with Kubernetes take the value for something else (SD-4).",
    "Quote it if text is meant; else write `true`, `false` or a decimal number.",
  ),
  "missing-field": advice(
    "When the fields of a definition are checked (SD-30).",
    "Add the field; the page of the kind says what it takes.",
  ),
  "wrong-type": advice(
    "When the fields of a definition are checked. A text in quotes is never a number (EX-2).",
    "Write a value of the type that the message names; leave a field out instead of writing `null`.",
  ),
  "bad-value": advice(
    "When the fields of a definition are checked: the type is right, the value is not allowed.",
    "Take one of the values that the message names.",
  ),
  "exactly-one": advice(
    "When the fields of a definition are checked: the fields are alternatives.",
    "Keep the one that is meant and delete the others, or add the one that is missing.",
  ),
  "unknown-field": advice(
    "When the fields of a definition are checked. An API server would drop the field silently.",
    "Correct the spelling, or delete the field.",
  ),
  "conflict": advice(
    "When two fields ask for opposite things, so that neither reading could be right.",
    "Decide for one of the two and delete the other.",
  ),
  "no-effect": advice(
    "When a field is allowed but does nothing here: whoever wrote it expects something of it.",
    "Delete the field, or change the one that takes its effect away.",
  ),
  "expression-syntax": advice(
    "When an expression is compiled: a text that begins with `=` is an expression (EX-1).",
    "Correct the expression at the mark. Text that begins with `=` is written `='=text'`.",
  ),
  "undeclared-variable": advice(
    "When an expression is compiled. Only a warning, as the expression may never be reached (DG-7); " +
      "where it is reached it fails.",
    "Use one of the variables that the field has: the table in " +
      "[expressions](language/expressions.md#what-an-expression-sees) lists them.",
  ),
  "unknown-function": advice(
    "When an expression is compiled. Only a warning (DG-7); where the call is reached it fails.",
    "Look the function up in the [reference](language/functions.md).",
  ),
  "bad-pattern": advice(
    "When the pattern of `matches` is a constant that can be checked beforehand (FN-8).",
    "Correct the pattern: RE2 syntax and look-around, no back-references.",
  ),
  "not-evaluated": advice(
    "When a place that takes literals only holds a text with a leading `=`; it stays text.",
    "Move the expression to a field that is evaluated, such as `return`, or write a literal.",
  ),
  "unknown-local": advice(
    "When the locals of a Function are known. Where the expression is reached it fails.",
    "Correct the name, or add the local.",
  ),
  "local-cycle": advice(
    "When the order of evaluation of locals is looked for and there is none (VF-10).",
    "Break the circle that the message names: put the shared part into a local of its own.",
  ),
  "unknown-reference": advice(
    "When references are resolved. The definition itself is sound; what uses the missing one waits " +
      "and is run as soon as it appears (DG-4, DG-6).",
    "Correct the kind or name, or add the definition.",
  ),
  "broken-reference": advice(
    "When references are resolved. What uses the broken definition waits until it is repaired.",
    "Repair the definition at the related place.",
  ),
  "unknown-step": advice(
    "When the steps of a Workflow are put in order: what runs when follows from `steps.<label>`.",
    "Correct the label, or add the step.",
  ),
  "step-cycle": advice(
    "When the steps of a Workflow are put in order and there is none (WF-14).",
    "Break the circle: let a third step compute what both need.",
  ),
  "duplicate-label": advice(
    "When the steps of a Workflow are read: `steps.<label>` would have two meanings.",
    "Rename one of the steps, and what refers to it.",
  ),
  "workflow-cycle": advice(
    "When references are resolved: the Workflow would call itself without end.",
    "Remove one of the calls that the message names.",
  ),
  "duplicate-case": advice(
    "When a `refSwitch` is read: the second case could never be taken.",
    "Delete one of the two, or correct its value.",
  ),
  "several-defaults": advice(
    "When a `refSwitch` is read: it would be unclear what runs for an unknown value.",
    "Keep `default: true` on one case.",
  ),
  "missing-input": advice(
    "When references are resolved. Needed inputs are those that expressions read with `inputs.x` " +
      "and never test with `has` nor read with `.?` (EX-14).",
    "Give the input, or make it optional in the Logic: `inputs.?x.orValue(…)`.",
  ),
  "extra-input": advice(
    "When references are resolved: the Logic never reads the input. Often it is a misspelt name.",
    "Correct the name, or delete the input.",
  ),
  "bare-steps": advice(
    "When the steps of a Workflow are put in order. A bare `steps` adds no dependency (WF-12), so it " +
      "holds only the steps that are named elsewhere in the same step.",
    "Name the steps: `steps.config`.",
  ),
  "assertion-count": advice(
    "When a FunctionTest is read (FT-12, FW-12): a case without an assertion proves nothing.",
    "Write one assertion, or make two cases of it.",
  ),
  "wrong-assertion": advice(
    "When a FunctionTest is read: a ValueFunction has no object, a Workflow no single return.",
    "Use an assertion of the kind under test; the message names them.",
  ),
  "empty-expectation": advice(
    "When a FunctionTest is read: an empty map would be compared with nothing.",
    "Write what is expected, or `expectOutcome: {ok: {}}`.",
  ),
  "shadowed-name": advice(
    "When no namespace priority list is configured and one name exists in several namespaces " +
      "(SD-17). It never counts against a definition.",
    "Nothing, if one is meant to replace the other (SD-12); else rename one.",
  ),
  "impossible-type": advice(
    "When types are followed from literals and from what other Functions return. The field takes " +
      "another type whatever the inputs are, so the run would fail each time.",
    "Compare or convert: a condition needs `==`, `size(…) > 0` or `has(…)`.",
  ),
  "impossible-operation": advice(
    "When types are followed from literals, locals and what other Functions return. There are no " +
      "silent conversions (EX-32).",
    "Convert one side: `string(…)`, `int(…)`, `double(…)`; or correct the name.",
  ),
  "unknown-key": advice(
    "When a map is written out in full in the definition, so that all its keys are known.",
    "Correct the key, add it to the map, or ask with `has`.",
  ),
  "unknown-return-field": advice(
    "When references are resolved: a step reads a field that what it depends on does not return.",
    "Correct the name, or return the field.",
  ),
  "unread-field": advice(
    "When references are resolved. It never counts against a definition: others may use it later.",
    "Remove the field if nobody is going to read it.",
  ),
  "always-fires": advice(
    "When an `assert` is constant and false. An entry fires when its `assert` is false (PR-10).",
    "Often the assertion is the wrong way round: it says what must hold, not what must not.",
  ),
  "unreachable-case": advice(
    "When all values of `switchOn` are known, and the case is none of them. Values are compared by " +
      "their text: `true`, not `yes` (WF-46).",
    "Correct the case, or delete it.",
  ),
  "unreachable-overlay": advice(
    "When a `skipIf` is constant and true.",
    "Delete the overlay, or correct the condition.",
  ),
  "unreachable-step": advice(
    "When a `skipIf` is constant and true. What needs the step never runs either.",
    "Delete the step, or correct the condition.",
  ),
  "document-too-large": advice(
    "While the file is read (LM-2). It protects the controller from hostile or generated files.",
    "Split the document or the file. Large data belongs into a ConfigMap, not into a definition.",
  ),
  "too-many-aliases": advice(
    "While the file is read (LM-3), before anything is expanded.",
    "Write the data out, or compute it in an expression.",
  ),
  "nesting-too-deep": advice("While the file is read (LM-4).", "Flatten the data."),
  "expression-too-long": advice(
    "When an expression is compiled (LM-5).",
    "Divide it into locals or into a ValueFunction of its own.",
  ),
  "expression-too-deep": advice(
    "When an expression is compiled (LM-6).",
    "Name inner parts as locals, or loop over a list.",
  ),
  "too-many-steps": advice(
    "When a Workflow is read (LM-11); `configStep` counts.",
    "Move steps that belong together into a sub-Workflow, or use `forEach`.",
  ),
  "too-many-test-cases": advice(
    "When a FunctionTest is read (LM-12).",
    "Make several FunctionTests: one for each behaviour is easier to read as well.",
  ),
  "workflow-too-deep": advice(
    "When references are resolved (LM-13).",
    "Call the inner Workflows from fewer levels.",
  ),
  "too-many-predicates": advice(
    "When a Function is read (LM-14).",
    "Check lists with `all`, and move shared checks into a ValueFunction that runs first.",
  ),
  "cost-limit-exceeded": advice(
    "In a run: one evaluation costs more than 1,000,000 units, or a run more than 20,000,000 " +
      "(LM-7). The step ends with `PermFail`; other steps go on.",
    "Look for a loop inside a loop, and compute what does not change once, in a local.",
  ),
  "string-too-long": advice(
    "In a run (LM-8).",
    "Look for a text that grows in a `reduce`, and for whole objects in `to_json`.",
  ),
  "value-too-large": advice("In a run (LM-9).", "Filter the list before it is combined."),
  "too-many-items": advice(
    "In a run, before the first item of a `forEach` is run (LM-10).",
    "Filter the list, or let several triggers share the work.",
  ),
  "managed-resources-too-large": advice(
    "At the end of a run: the trigger's annotation could not hold what it manages (LM-15).",
    "Divide the work among several triggers.",
  ),
  "pattern-too-costly": advice(
    "In a run, where look-around makes the pattern backtrack (LM-16). Patterns without look-around " +
      "take linear time.",
    "Remove the look-around, or the repetition inside a repetition.",
  ),
};

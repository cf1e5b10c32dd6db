// SPDX-License-Identifier: Apache-2.0

import { deepEqual, equal, match, ok, rejects } from "node:assert/strict";
import { registerFunctionTests, type RegisterTest } from "../../src/testing/mod.ts";
import { programOf } from "./run_text.ts";

const FUNCTION = `
apiVersion: koreo.dev/v1beta1
kind: ValueFunction
metadata: {name: twice}
spec:
  return: {value: =inputs.n * 2}
`;

const TEST = `
apiVersion: koreo.dev/v1beta1
kind: FunctionTest
metadata: {name: twice}
spec:
  functionRef: {kind: ValueFunction, name: twice}
  inputs: {n: 2}
  testCases:
  - label: right
    expectReturn: {value: 4}
  - label: later
    skip: true
    expectReturn: {value: 4}
  - label: wrong
    expectReturn: {value: 5}
  - label: cut off
    expectReturn: {value: 4}
`;

interface StepResult {
  readonly name: string;
  readonly ignored: boolean;
  readonly error?: string;
}

/** Registers without a runner, and runs each test as the runner would. */
function registered(text: string) {
  const tests: Parameters<RegisterTest>[0][] = [];
  registerFunctionTests(programOf(text), (definition) => tests.push(definition));
  const run = async (name: string): Promise<readonly StepResult[]> => {
    const steps: StepResult[] = [];
    await tests.find((test) => test.name === name)?.fn({
      step({ name, ignore = false, fn }) {
        const error = ignore ? undefined : messageOf(fn);
        steps.push({ name, ignored: ignore, ...error === undefined ? {} : { error } });
        return Promise.resolve(error === undefined);
      },
    });
    return steps;
  };
  return { names: tests.map((test) => test.name), run };
}

function messageOf(fn: () => void): string | undefined {
  try {
    fn();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

Deno.test("each FunctionTest is a test, and each case a step of it", async () => {
  const { names, run } = registered(`${FUNCTION}---${TEST}`);
  deepEqual(names, ["twice"]);
  const steps = await run("twice");
  deepEqual(steps.map(({ name, ignored }) => [name, ignored]), [
    ["right", false],
    ["later", true],
    ["wrong", false],
    ["cut off (not run)", true],
  ]);
});

Deno.test("a failing step shows the difference, the outcomes and the place in the YAML", async () => {
  const steps = await registered(`${FUNCTION}---${TEST}`).run("twice");
  equal(
    steps[2]?.error,
    `value: expected '\`5\`' but found '\`4\`'
expected: Ok(data={"value": 5})
actual:   Ok(data={"value": 4})
at test.koreo:20`,
  );
});

Deno.test("tests of several namespaces carry their namespace", () => {
  const other = TEST.replace("{name: twice}", "{name: twice, namespace: team-a}");
  const { names } = registered(`${FUNCTION}---${TEST}---${other}`);
  deepEqual(names, ["default/twice", "team-a/twice"]);
});

Deno.test("a broken definition is a failing test that shows its faults", async () => {
  const { names, run } = registered(`${FUNCTION.replace("=inputs.n * 2", "=1 +")}---${TEST}`);
  deepEqual(names, ["ValueFunction default/twice", "twice"]);
  await rejects(run("ValueFunction default/twice"), (error: Error) => {
    match(error.message, /^test\.koreo:6:\d+ error expression-syntax\n/);
    match(error.message, /\n 6 \| {3}return: \{value: =1 \+\}\n/);
    return true;
  });
  await rejects(
    run("twice"),
    /ValueFunction \(twice\) not found or not ready.*\nat test\.koreo:8$/s,
  );
});

Deno.test("a file that cannot be read as YAML is a failing test with the file's name", async () => {
  const { names, run } = registered(`${FUNCTION}---\na: [`);
  ok(names.includes("test.koreo"), names.join());
  await rejects(run("test.koreo"), /yaml-syntax/);
});

Deno.test("two lines beside the definitions are enough, with the permission to read them", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const testing = new URL("../../testing.ts", import.meta.url).href;
    await Deno.writeTextFile(`${directory}/twice.koreo`, `${FUNCTION}---${TEST}`);
    await Deno.writeTextFile(
      `${directory}/functions_test.ts`,
      `import { testDefinitions } from "${testing}";\nawait testDefinitions(import.meta);\n`,
    );
    const config = new URL("../../deno.json", import.meta.url).pathname;
    const options = ["--quiet", "--no-check", "--config", config, `--allow-read=${directory}`];
    const run = async (...more: readonly string[]) => {
      const command = new Deno.Command(Deno.execPath(), {
        args: ["test", ...options, ...more, directory],
        env: { NO_COLOR: "1" },
      });
      const { code, stdout } = await command.output();
      return { code, text: new TextDecoder().decode(stdout) };
    };
    const failed = await run();
    equal(failed.code, 1);
    match(failed.text, /twice \.\.\. wrong => /);
    match(failed.text, /value: expected '`5`' but found '`4`'\n/);
    match(failed.text, /at \S*twice\.koreo:20\n/);
    const filtered = await run("--filter", "nothing");
    match(filtered.text, /0 passed \| 0 failed \| 1 filtered out/);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

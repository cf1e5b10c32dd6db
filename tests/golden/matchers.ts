// SPDX-License-Identifier: Apache-2.0

/**
 * Compares what a run gave with what a golden file expects. Exact, but for the matchers of
 * `README.md`: `$contains`, `$any`, `$json`, `$anyOrder`, `$number`, and informative keys.
 */
export function mismatch(expected: unknown, actual: unknown, path = "$"): string | undefined {
  if (isMap(expected)) {
    const matcher = matcherOf(expected);
    if (matcher) return matcher(actual, path);
  }
  if (Array.isArray(expected)) return listMismatch(expected, actual, path);
  if (isMap(expected)) return mapMismatch(expected, actual, path);
  return equalScalars(expected, actual) ? undefined : differs(expected, actual, path);
}

type Matcher = (actual: unknown, path: string) => string | undefined;

function matcherOf(expected: Record<string, unknown>): Matcher | undefined {
  if (expected.$any === true) return () => undefined;
  if (Array.isArray(expected.$contains)) return containsMatcher(expected.$contains);
  if (Object.hasOwn(expected, "$json")) return jsonMatcher(expected.$json);
  if (Array.isArray(expected.$anyOrder)) return anyOrderMatcher(expected.$anyOrder);
  if (typeof expected.$number === "string") return numberMatcher(expected.$number);
  return undefined;
}

function containsMatcher(parts: readonly unknown[]): Matcher {
  return (actual, path) =>
    typeof actual === "string" && parts.every((part) => actual.includes(String(part)))
      ? undefined
      : differs({ $contains: parts }, actual, path);
}

function jsonMatcher(expected: unknown): Matcher {
  return (actual, path) => {
    const parsed = typeof actual === "string" ? parsedJson(actual) : actual;
    return parsed === undefined
      ? differs({ $json: expected }, actual, path)
      : mismatch(expected, parsed, `${path}<json>`);
  };
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: the caller reports the text itself.
    return undefined;
  }
}

function anyOrderMatcher(expected: readonly unknown[]): Matcher {
  return (actual, path) => {
    if (!Array.isArray(actual) || actual.length !== expected.length) {
      return differs({ $anyOrder: expected }, actual, path);
    }
    const left = [...actual];
    for (const item of expected) {
      const index = left.findIndex((candidate) => mismatch(item, candidate) === undefined);
      if (index < 0) return differs(item, left, `${path}[any]`);
      left.splice(index, 1);
    }
    return undefined;
  };
}

function numberMatcher(name: string): Matcher {
  const numbers: Record<string, number> = {
    "inf": Infinity,
    "Infinity": Infinity,
    "-inf": -Infinity,
    "-Infinity": -Infinity,
    "nan": NaN,
    "NaN": NaN,
  };
  return (actual, path) =>
    Object.is(numbers[name], actual) ? undefined : differs({ $number: name }, actual, path);
}

function listMismatch(
  expected: readonly unknown[],
  actual: unknown,
  path: string,
): string | undefined {
  if (!Array.isArray(actual) || actual.length !== expected.length) {
    return differs(expected, actual, path);
  }
  for (const [index, item] of expected.entries()) {
    const found = mismatch(item, actual[index], `${path}[${index}]`);
    if (found) return found;
  }
  return undefined;
}

function mapMismatch(
  expected: Record<string, unknown>,
  actual: unknown,
  path: string,
): string | undefined {
  if (!isMap(actual)) return differs(expected, actual, path);
  const wanted = Object.keys(expected).filter((key) => !isInformative(key));
  for (const key of wanted) {
    if (!Object.hasOwn(actual, key)) return differs(expected[key], undefined, `${path}.${key}`);
    const found = mismatch(expected[key], actual[key], `${path}.${key}`);
    if (found) return found;
  }
  const extra = Object.keys(actual).find((key) => !wanted.includes(key));
  return extra === undefined ? undefined : differs(undefined, actual[extra], `${path}.${extra}`);
}

function isInformative(key: string): boolean {
  return /^\$(raw|seen|nondeterministic)/.test(key);
}

function equalScalars(expected: unknown, actual: unknown): boolean {
  if (typeof expected === "bigint" || typeof actual === "bigint") {
    return /^(bigint|number)$/.test(typeof actual) && /^(bigint|number)$/.test(typeof expected) &&
      String(expected) === String(actual);
  }
  return expected === actual;
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function differs(expected: unknown, actual: unknown, path: string): string {
  return `${path}: expected ${shown(expected)}, found ${shown(actual)}`;
}

function shown(value: unknown): string {
  const text = value === undefined
    ? "nothing"
    : JSON.stringify(value, (_key, inner) => typeof inner === "bigint" ? `${inner}n` : inner);
  return text.length > 300 ? `${text.slice(0, 300)}…` : text;
}

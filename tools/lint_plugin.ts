// SPDX-License-Identifier: Apache-2.0

/**
 * The house rules that a linter can check: how the core touches the world, who imports what.
 *
 * @module
 */

const PURE = /\/src\/(language|runtime|simulator|controller)\//;

/** Identifiers that reach the world; the core takes them from a port instead. */
const AMBIENT = new Set([
  "Date",
  "Deno",
  "performance",
  "fetch",
  "crypto",
  "console",
  "setTimeout",
  "setInterval",
  "clearTimeout",
  "clearInterval",
  "setImmediate",
  "process",
]);

/** The one place in `src/` from which each npm package is imported. */
const HOME_OF_PACKAGE: Readonly<Record<string, RegExp>> = {
  "yaml": /\/src\/language\/yaml[^/]*\.ts$/,
  "isomorphic-git": /\/src\/adapters\/git\//,
  "prom-client": /\/src\/adapters\/metrics\.ts$/,
  "openpgp": /\/src\/adapters\/git\/signature\/verify_pgp\.ts$/,
  "@kubernetes/client-node": /\/src\/adapters\/kubernetes\//,
  "commander": /\/src\/cli\//,
  "diff": /\/src\/cli\/diff\/unified_diff\.ts$/,
};

/** The layer of a file below `src/`, or `undefined` elsewhere. */
function layerOf(path: string): string | undefined {
  return /\/src\/([a-z]+)\//.exec(path)?.[1];
}

/** The bare package a specifier names, or `undefined` for paths and built-in modules. */
function packageOf(specifier: string): string | undefined {
  if (/^(\.|\/|node:|file:)/.test(specifier)) return undefined;
  const bare = specifier.replace(/^npm:\/?/, "");
  return /^(@[^/@]+\/[^/@]+|[^/@]+)/.exec(bare)?.[1];
}

function importFault(file: string, specifier: string): string | undefined {
  if (layerOf(file) === undefined) return undefined;
  const name = packageOf(specifier);
  if (name !== undefined) return packageFault(file, name);
  const crossing = /^(?:\.\.\/)+(language|runtime|simulator|controller|testing|adapters|cli)\/(.+)$/
    .exec(specifier);
  if (crossing === null || crossing[1] === layerOf(file)) return undefined;
  return entryFault(crossing[1] ?? "", crossing[2] ?? "", specifier);
}

function packageFault(file: string, name: string): string | undefined {
  const home = HOME_OF_PACKAGE[name];
  if (home === undefined) {
    return `Cannot import "${name}": packages of the product are listed in tools/lint_plugin.ts`;
  }
  return home.test(file) ? undefined : `Cannot import "${name}" here: its one place is ${home}`;
}

function entryFault(layer: string, behind: string, specifier: string): string | undefined {
  if (layer === "adapters" || behind === "mod.ts") return undefined;
  if (layer === "runtime" && behind === "ports.ts") return undefined;
  return `Cannot import "${specifier}": across folders import the layer's mod.ts`;
}

/** A name that stands for the global of that name, not for a member, key or declaration. */
function isReference(node: Deno.lint.Identifier): boolean {
  const parent = node.parent;
  switch (parent.type) {
    case "MemberExpression":
      return parent.object === node || parent.computed;
    case "Property":
      return parent.value === node && parent.parent.type === "ObjectExpression";
    case "MethodDefinition":
    case "PropertyDefinition":
    case "TSPropertySignature":
    case "TSMethodSignature":
    case "ImportSpecifier":
    case "ExportSpecifier":
      return false;
    default:
      return !/^TS/.test(parent.type) || parent.type === "TSNonNullExpression" ||
        parent.type === "TSAsExpression";
  }
}

const plugin: Deno.lint.Plugin = {
  name: "house",
  rules: {
    "no-default-export": {
      create(context) {
        return {
          ExportDefaultDeclaration(node) {
            if (context.filename.includes("/tools/")) return;
            context.report({
              node,
              message: "Export by name: default exports lose their name at the import",
            });
          },
        };
      },
    },
    "no-ambient-effects": {
      create(context) {
        if (!PURE.test(context.filename)) return {};
        return {
          Identifier(node) {
            if (!AMBIENT.has(node.name) || !isReference(node)) return;
            context.report({
              node,
              message: `Cannot use ${node.name} in the core: take it from a port`,
            });
          },
          MemberExpression(node) {
            if (context.sourceCode.getText(node) !== "Math.random") return;
            context.report({
              node,
              message: "Cannot use Math.random in the core: take it from a port",
            });
          },
        };
      },
    },
    "no-code-from-text": {
      create(context) {
        if (!context.filename.includes("/src/")) return {};
        return {
          Identifier(node) {
            if (node.name !== "eval" && node.name !== "Function") return;
            if (!isReference(node)) return;
            context.report({ node, message: `Cannot use ${node.name}: no text becomes code` });
          },
        };
      },
    },
    "no-bare-error": {
      create(context) {
        if (!context.filename.includes("/src/")) return {};
        return {
          "ThrowStatement > NewExpression[callee.name='Error']"(node) {
            context.report({
              node,
              message: "Throw TypeError, RangeError or a named error, never a bare Error",
            });
          },
        };
      },
    },
    "import-place": {
      create(context) {
        const check = (node: Deno.lint.Node, specifier: unknown) => {
          if (typeof specifier !== "string") return;
          const message = importFault(context.filename, specifier);
          if (message !== undefined) context.report({ node, message });
        };
        return {
          ImportDeclaration: (node) => check(node, node.source.value),
          ExportNamedDeclaration: (node) => check(node, node.source?.value),
          ExportAllDeclaration: (node) => check(node, node.source.value),
          ImportExpression: (node) =>
            check(node, node.source.type === "Literal" ? node.source.value : undefined),
        };
      },
    },
    "spdx-first": {
      create(context) {
        return {
          Program(node) {
            if (
              /^(#!.*\n)?\/\/ SPDX-License-Identifier: Apache-2\.0\n/.test(context.sourceCode.text)
            ) {
              return;
            }
            context.report({
              node,
              message: "Begin with the line `// SPDX-License-Identifier: Apache-2.0`",
            });
          },
        };
      },
    },
  },
};

export default plugin;

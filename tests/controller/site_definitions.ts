// SPDX-License-Identifier: Apache-2.0

/** Definitions that make ConfigMaps for triggers of the kind Site. */

/** How the ConfigMaps of a Site are to be made. */
export interface SiteOptions {
  /** How many ConfigMaps, each in a step of its own. */
  readonly steps?: number;
  /** A line of the ConfigMaps' content: another one is another definition. */
  readonly version?: string;
  readonly createDelay?: number;
  /** `delete:` of the function, for example `destroy: {}`. */
  readonly deletePolicy?: string;
  readonly workflow?: string;
  readonly crdKind?: string;
}

/** A Workflow and a ResourceFunction for the kind Site. */
export function siteDefinitions(options: SiteOptions = {}): string {
  const { steps = 1, version = "1", createDelay = 0, workflow = "site.v1" } = options;
  const policy = options.deletePolicy === undefined ? "" : `  delete: {${options.deletePolicy}}\n`;
  return `apiVersion: koreo.dev/v1beta1
kind: ResourceFunction
metadata: {name: ${workflow}-map}
spec:
  apiConfig:
    apiVersion: v1
    kind: ConfigMap
    name: =inputs.name
    namespace: =inputs.namespace
  resource:
    data:
      text: =inputs.text
      version: ${JSON.stringify(version)}
  create: {delay: ${createDelay}}
  update: {patch: {delay: ${createDelay}}}
${policy}  return: {text: =resource.data.text}
---
apiVersion: koreo.dev/v1beta1
kind: Workflow
metadata: {name: ${workflow}}
spec:
  crdRef: {apiGroup: example.dev, version: v1, kind: ${options.crdKind ?? "Site"}}
  steps:
${Array.from({ length: steps }, (_, index) => step(index, workflow)).join("")}`;
}

function step(index: number, workflow: string): string {
  const name = index === 0 ? "" : ` + "-${index}"`;
  return `  - label: step${index}
    ref: {kind: ResourceFunction, name: ${workflow}-map}
    inputs:
      name: =parent.metadata.name${name}
      namespace: =parent.metadata.namespace
      text: =parent.spec.text
    condition: {type: Map${index}, name: Map ${index}}
    state: {text${index}: =value.text}
`;
}

// SPDX-License-Identifier: Apache-2.0

import { StatusError } from "../status_error.ts";

/** The form in which a client takes its answer. */
export type AcceptedForm = "object" | "table" | "metadata" | "discovery";

const FORMS: Readonly<Record<string, AcceptedForm>> = {
  Table: "table",
  PartialObjectMetadata: "metadata",
  PartialObjectMetadataList: "metadata",
  APIGroupDiscoveryList: "discovery",
};

/** What of an Accept header can be served. */
export function acceptedForms(accept: string | null): readonly AcceptedForm[] {
  if (accept === null || accept.trim() === "") return ["object"];
  return accept.split(",").map(formOf).filter((form) => form !== undefined);
}

/**
 * The first form of an Accept header that is among the possible ones.
 *
 * @throws {StatusError} 406 when there is none: a client that takes only protobuf, or YAML
 */
export function acceptedForm(
  accept: string | null,
  possible: readonly AcceptedForm[],
): AcceptedForm {
  const form = acceptedForms(accept).find((one) => possible.includes(one));
  if (form !== undefined) return form;
  throw new StatusError(
    406,
    "NotAcceptable",
    "only the following media types are accepted: application/json",
  );
}

function formOf(media: string): AcceptedForm | undefined {
  const [type, ...parameters] = media.split(";").map((part) => part.trim());
  if (type !== "application/json" && type !== "application/*" && type !== "*/*") return undefined;
  const values = new Map(
    parameters.map((parameter) => {
      const [key = "", value = ""] = parameter.split("=");
      return [key.trim(), value.trim()] as const;
    }),
  );
  const form = values.get("as");
  if (form === undefined) return "object";
  const version = values.get("v");
  const known = form === "APIGroupDiscoveryList" ? version === "v2" : version === "v1";
  return known ? FORMS[form] : undefined;
}

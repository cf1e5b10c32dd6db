// SPDX-License-Identifier: Apache-2.0

const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;
/** As a URL has it. */
const LOOPBACK_NAME = /^(?:(?:.+\.)?localhost|127\.[\d.]+|\[::1\])$/;
/** What proxies add: behind one on this machine, such as the sidecar of a mesh, anybody may stand. */
const FORWARDED =
  /^(?:forwarded|via|x-forwarded-.*|x-envoy-.*|x-real-ip|x-client-ip|true-client-ip)$/;

/**
 * Whether a request was made on this machine, or by whoever may forward a port to it: it comes from
 * a loopback address, was sent to one, and no proxy has passed it on.
 *
 * A page in a browser on this machine that has its own name lead here sends that name.
 */
export function isLocalRequest({ url, headers }: Request, sender: string): boolean {
  return LOOPBACK_ADDRESS.test(sender) && LOOPBACK_NAME.test(new URL(url).hostname) &&
    ![...headers.keys()].some((name) => FORWARDED.test(name));
}

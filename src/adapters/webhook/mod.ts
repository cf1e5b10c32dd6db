// SPDX-License-Identifier: Apache-2.0

/**
 * Deliveries of Git servers: checked, and turned into nothing but a fetch.
 *
 * @module
 */

export {
  createWebhookHandler,
  type WebhookHandler,
  type WebhookLimits,
  type WebhookSettings,
} from "./webhook_handler.ts";
export { readWebhookSecrets } from "./webhook_secrets.ts";

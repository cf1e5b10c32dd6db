// SPDX-License-Identifier: Apache-2.0
import { testDefinitions } from "@koreo/koreo-deno/testing";
await testDefinitions(import.meta);

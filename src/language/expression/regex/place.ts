// SPDX-License-Identifier: Apache-2.0

import { isWordCharacter } from "./character_classes.ts";
import type { Place } from "./pattern.ts";

const NEW_LINE = 0x0a;

/** Whether a place lies between two characters; -1 stands for the end of the text on that side. */
export function isAtPlace(place: Place, before: number, after: number): boolean {
  switch (place) {
    case "textStart":
      return before < 0;
    case "textEnd":
      return after < 0;
    case "lineStart":
      return before < 0 || before === NEW_LINE;
    case "lineEnd":
      return after < 0 || after === NEW_LINE;
    case "wordBoundary":
      return isWordCharacter(before) !== isWordCharacter(after);
    case "noWordBoundary":
      return isWordCharacter(before) === isWordCharacter(after);
  }
}

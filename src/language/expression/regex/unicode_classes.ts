// SPDX-License-Identifier: Apache-2.0

import type { CharacterTest } from "./character_test.ts";

const CATEGORIES =
  "C Cc Cf Cn Co Cs L Ll Lm Lo Lt Lu M Mc Me Mn N Nd Nl No P Pc Pd Pe Pf Pi Po Ps " +
  "S Sc Sk Sm So Z Zl Zp Zs";

const SCRIPTS = "Adlam Ahom Anatolian_Hieroglyphs Arabic Armenian Avestan Balinese Bamum " +
  "Bassa_Vah Batak Bengali Bhaiksuki Bopomofo Brahmi Braille Buginese Buhid Canadian_Aboriginal " +
  "Carian Caucasian_Albanian Chakma Cham Cherokee Chorasmian Common Coptic Cuneiform Cypriot " +
  "Cypro_Minoan Cyrillic Deseret Devanagari Dives_Akuru Dogra Duployan Egyptian_Hieroglyphs " +
  "Elbasan Elymaic Ethiopic Georgian Glagolitic Gothic Grantha Greek Gujarati Gunjala_Gondi " +
  "Gurmukhi Han Hangul Hanifi_Rohingya Hanunoo Hatran Hebrew Hiragana Imperial_Aramaic Inherited " +
  "Inscriptional_Pahlavi Inscriptional_Parthian Javanese Kaithi Kannada Katakana Kawi Kayah_Li " +
  "Kharoshthi Khitan_Small_Script Khmer Khojki Khudawadi Lao Latin Lepcha Limbu Linear_A Linear_B " +
  "Lisu Lycian Lydian Mahajani Makasar Malayalam Mandaic Manichaean Marchen Masaram_Gondi " +
  "Medefaidrin Meetei_Mayek Mende_Kikakui Meroitic_Cursive Meroitic_Hieroglyphs Miao Modi " +
  "Mongolian Mro Multani Myanmar Nabataean Nag_Mundari Nandinagari New_Tai_Lue Newa Nko Nushu " +
  "Nyiakeng_Puachue_Hmong Ogham Ol_Chiki Old_Hungarian Old_Italic Old_North_Arabian Old_Permic " +
  "Old_Persian Old_Sogdian Old_South_Arabian Old_Turkic Old_Uyghur Oriya Osage Osmanya " +
  "Pahawh_Hmong Palmyrene Pau_Cin_Hau Phags_Pa Phoenician Psalter_Pahlavi Rejang Runic Samaritan " +
  "Saurashtra Sharada Shavian Siddham SignWriting Sinhala Sogdian Sora_Sompeng Soyombo Sundanese " +
  "Syloti_Nagri Syriac Tagalog Tagbanwa Tai_Le Tai_Tham Tai_Viet Takri Tamil Tangsa Tangut Telugu " +
  "Thaana Thai Tibetan Tifinagh Tirhuta Toto Ugaritic Vai Vithkuqi Wancho Warang_Citi Yezidi Yi " +
  "Zanabazar_Square";

/** The names of all classes, with the property that JavaScript knows each by. */
const PROPERTIES: ReadonlyMap<string, string> = new Map([
  ...CATEGORIES.split(" ").map((name) => [name, `General_Category=${name}`] as const),
  ...SCRIPTS.split(" ").map((name) => [name, `Script=${name}`] as const),
]);

const made = new Map<string, CharacterTest>();

/**
 * The test of a Unicode category or script, `undefined` for other names.
 *
 * The tables of Unicode are those of the runtime. They can be asked by a regular expression only;
 * it is made from the names above, never from the text of a pattern, and sees one character.
 */
export function unicodeClass(name: string): CharacterTest | undefined {
  if (name === "Any") return () => true;
  const property = PROPERTIES.get(name);
  if (property === undefined) return undefined;
  const known = made.get(name);
  if (known !== undefined) return known;
  const expression = new RegExp(`^\\p{${property}}$`, "u");
  const test: CharacterTest = (codePoint) => expression.test(String.fromCodePoint(codePoint));
  made.set(name, test);
  return test;
}

/** The names of all classes. */
export function unicodeClassNames(): readonly string[] {
  return ["Any", ...PROPERTIES.keys()];
}

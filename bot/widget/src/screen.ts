/** A rough look for danger in what was typed, for the minutes in which the server can't be reached. Too careful on purpose. */

import lists from "./screen.json";

// A list's entry must begin a word; what follows it is free, so "suicid" finds "suicidal" too.
const WORDS = [...lists.en, ...lists.es];

/** Return whether a text may be about a danger to somebody. */
export function mayBeDanger(text: string): boolean {
  const plain = ` ${text
    .toLowerCase()
    .normalize("NFD")
    .replace(/[\u0300-\u036f'’‘`]/g, "")
    .replace(/[^a-z0-9]+/g, " ")}`;
  return WORDS.some((word) => plain.includes(` ${word}`));
}

/** Sentences with gaps, numbers, dates; and which language a text is in. */

/** Return a sentence with its {names} filled in. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => `${values[name] ?? whole}`);
}

/** Return "1 source" or "{n} sources"; both languages have these two forms. */
export function count(n: number, one: string, other: string): string {
  return n === 1 ? one : fill(other, { n });
}

/** Return a date "2026-11-01" as the language writes it, or as it came if it is no date. */
export function day(date: string): string {
  const time = new Date(`${date}T12:00:00`);
  return Number.isNaN(+time) ? date : new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "long" }).format(time);
}

/** Guess whether a text is Spanish or English by its smallest words, so that a screen reader takes the right voice. */
export function languageOf(text: string): string {
  const spanish = text.match(/\b(el|la|de|que|los|las|una|con|por|para|no)\b/gi)?.length ?? 0;
  const english = text.match(/\b(the|of|and|to|is|for|you|that|with|in)\b/gi)?.length ?? 0;
  return spanish > english ? "es" : "en";
}

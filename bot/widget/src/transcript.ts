/** The conversation to take along: a text file, or paper. Each answer with its sources. */

import * as words from "askwell:words";
import { h } from "./dom";
import { evidenceOf, paragraphs } from "./reply";
import { day, fill } from "./strings";
import type { Citation, Entry } from "./types";

/** Return the whole conversation as plain text. */
export function transcript(entries: Entry[]): string {
  const said = entries.map((one) => {
    const time = new Intl.DateTimeFormat(LANGUAGE, { dateStyle: "medium", timeStyle: "short" }).format(one.at);
    if (one.by === "patient") return `${words.you} (${time}):\n${one.text}`;
    const { citations } = one.reply;
    return [`${words.bot} (${time}):`, ...paragraphs(one.reply), ...citations.map((each) => source(each))].join("\n\n");
  });
  return [words.transcript, words.automated, ...said].join("\n\n----\n\n") + "\n";
}

function source(citation: Citation): string {
  const { number, title, section, quote, url, reviewed, references } = citation;
  return [
    `[${number}] ${title}: ${section}`,
    `"${quote}"`,
    ...references.map((one) => `${one.text} (${evidenceOf(one)}) ${one.url ?? ""}`.trim()),
    fill(words.reviewed, { date: day(reviewed) }),
    references.some((one) => one.url === url) ? "" : url,
  ]
    .filter(Boolean)
    .join("\n    ");
}

/** Let the browser save a text; nothing leaves the computer. */
export function save(text: string): void {
  const href = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  h("a", { href, download: `askwell-${new Date().toISOString().slice(0, 10)}.txt` }).click();
  setTimeout(() => URL.revokeObjectURL(href), 60_000);
}

/** Print a text by itself, without the page around it. */
export function print(text: string, root: ShadowRoot, title: string): void {
  const frame = h("iframe", { class: "unseen", title });
  root.append(frame);
  const page = frame.contentDocument!;
  page.title = title;
  const body = page.createElement("div");
  body.textContent = text;
  Object.assign(body.style, { whiteSpace: "pre-wrap", font: "12pt/1.5 system-ui, sans-serif" });
  page.body.append(body);
  frame.contentWindow!.addEventListener("afterprint", () => frame.remove());
  frame.contentWindow!.print();
}

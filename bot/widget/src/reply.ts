/** One reply as the patient reads it: hedge, text with numbered markers, help lines to tap, cards of the sources. */

import * as words from "askwell:words";
import { h, link, type Child } from "./dom";
import { count, day, fill, languageOf } from "./strings";
import type { Citation, Reference, Reply, Resource } from "./types";

const MARKER = /\[(\d+)\]/;

/** Return the text's paragraphs without its list of sources, which the cards show. */
export function paragraphs(reply: Reply): string[] {
  return reply.text.split(/\n{2,}/).filter((block) => block.trim() && !(reply.citations.length && isSources(block)));
}

function isSources(block: string): boolean {
  const [, ...entries] = block.split("\n");
  return entries.length > 0 && entries.every((line) => /^\[\d+\] /.test(line));
}

/** Return what a screen reader says about a reply: its words, and how many sources and suggestions there are. */
export function spoken(reply: Reply): string {
  const { citations, suggestions } = reply;
  return [
    reply.route === "crisis" && `${words.crisis}.`,
    ...paragraphs(reply).map((block) => block.replace(/\s*\[\d+\]/g, "").replace(/^- /gm, "")),
    citations.length > 0 && `${count(citations.length, words.sources_one, words.sources_other)}.`,
    suggestions.length > 0 && `${count(suggestions.length, words.suggestions_one, words.suggestions_other)}.`,
  ]
    .filter(Boolean)
    .join("\n");
}

/** Return the element of a reply's body. */
export function replyBody(reply: Reply): HTMLElement {
  const cards = new Map(reply.citations.map((citation) => [citation.number, card(citation)]));
  const crisis = reply.route === "crisis";
  const hedge = reply.hedge?.text;
  const blocks = paragraphs(reply);
  if (hedge && !reply.text.includes(hedge)) blocks.unshift(hedge);
  const flag = reply.disagreement && h("p", { class: "flag" }, words.disagree);
  const rest = [...reply.resources];
  const body = h(
    "div",
    { class: "text", lang: languageOf(reply.text) },
    !blocks.includes(hedge ?? "") && flag,
    ...blocks.flatMap((block): Child[] =>
      block === hedge ? [h("p", { class: "hedge" }, block), flag] : lines(block, cards, rest),
    ),
  );
  if (rest.length) body.append(h("ul", { class: "lines" }, ...rest.map((one) => h("li", {}, helpLine(one)))));
  return h(
    "div",
    crisis ? { class: "crisis", role: "group", "aria-label": words.crisis } : {},
    crisis && h("p", { class: "flag" }, words.crisis),
    body,
    cards.size > 0 && sources([...cards.values()]),
  );
}

/** Return a help line as one big link. */
export function helpLine(line: Resource): HTMLElement {
  const hours = line.hours && line.hours !== "24/7" ? ` (${line.hours})` : "";
  const call = link(line.href, "", h("strong", {}, line.contact), ` ${line.name}${hours}`);
  call.className = "call";
  return call;
}

/** Return a block of text: lines that begin with "- " as a list, the others as paragraphs; help lines as links. */
function lines(block: string, cards: Map<number, Card>, rest: Resource[]): HTMLElement[] {
  const made: HTMLElement[] = [];
  for (const line of block.split("\n")) {
    if (!line.startsWith("- ")) {
      made.push(h("p", {}, ...marked(line, cards)));
      continue;
    }
    let list = made.at(-1);
    if (list?.localName !== "ul") made.push((list = h("ul")));
    const index = rest.findIndex((one) => line.includes(one.name) && line.includes(one.contact));
    const [found] = index < 0 ? [] : rest.splice(index, 1);
    if (found) list.className = "lines";
    list.append(h("li", {}, ...(found ? [helpLine(found)] : marked(line.slice(2), cards))));
  }
  return made;
}

/** Return a line with its markers as buttons that open their card. */
function marked(line: string, cards: Map<number, Card>): Child[] {
  return line.split(/(\[\d+\])/).map((part) => {
    const number = Number(MARKER.exec(part)?.[1]);
    const found = cards.get(number);
    if (!found) return part;
    const marker = h(
      "button",
      {
        type: "button",
        class: "marker",
        "aria-label": fill(words.source, { n: number, title: found.title }),
        onclick: () => found.show(marker),
      },
      `${number}`,
    );
    return marker;
  });
}

/** Return "randomised trial, 2009", as far as it is known. */
export function evidenceOf({ kind, year }: Reference): string {
  return [kind, year].filter(Boolean).join(", ");
}

interface Card {
  element: HTMLDetailsElement;
  title: string;
  show(from: HTMLElement): void;
}

function sources(cards: Card[]): HTMLElement {
  return h(
    "div",
    { class: "sources" },
    h("p", { class: "count" }, count(cards.length, words.sources_one, words.sources_other)),
    ...cards.map((one) => one.element),
  );
}

/** Return the card of a citation: title and section; inside, quote, publications with kind and year, date, link. */
function card(citation: Citation): Card {
  let origin: HTMLElement | undefined;
  const { number, title, section, quote, url, reviewed, references } = citation;
  const evidence = [...new Set(references.map(evidenceOf))].filter(Boolean).join("; ");
  const summary = h(
    "summary",
    {},
    h("span", { class: "number" }, `${number}`),
    h("span", {}, h("strong", {}, title), h("span", { class: "kind" }, evidence)),
  );
  const back = h("button", { type: "button", hidden: true, onclick: () => origin?.focus() }, words.backToText);
  const element = h(
    "details",
    {},
    summary,
    h("p", {}, section),
    h("blockquote", { lang: languageOf(quote) }, quote),
    h(
      "ul",
      {},
      ...references.map((one) =>
        h("li", {}, link(one.url, words.newTab, one.text), h("span", { class: "kind" }, evidenceOf(one))),
      ),
    ),
    h("p", { class: "note" }, fill(words.reviewed, { date: day(reviewed) })),
    !!url && !references.some((one) => one.url === url) && h("p", {}, link(url, words.newTab, title)),
    back,
  );
  return {
    element,
    title,
    show(from) {
      origin = from;
      back.hidden = false;
      element.open = true;
      summary.focus();
      summary.scrollIntoView({ block: "nearest" });
    },
  };
}


/** One entry of the conversation as an element: what the patient wrote, what the bot answered. */

import * as words from "askwell:words";
import { h } from "./dom";
import { feedback } from "./feedback";
import { replyBody } from "./reply";
import type { Answer, Question } from "./types";

const NOT_RATED = ["crisis", "error", "smalltalk"];

/** What an entry lets the patient do. */
export interface Uses {
  ask(text: string): void;
  rate(answer: Answer, helpful: boolean, reason: string): Promise<boolean>;
  say(text: string): void;
}

/** Return the element of a question; its state is told beneath it. */
export function questionElement(question: Question, heading: "h2" | "h3"): HTMLElement {
  return h(
    "div",
    { class: "entry me" },
    h(heading, { class: "unseen" }, words.you),
    h("div", { class: "bubble" }, question.text),
    h("p", { class: "state" }, question.state === "refused" && words.refused),
  );
}

/** Return the element of an answer, with its suggestions and the question whether it helped. */
export function answerElement(answer: Answer, heading: "h2" | "h3", uses: Uses): HTMLElement {
  const { reply } = answer;
  const rate = (helpful: boolean, reason: string) => uses.rate(answer, helpful, reason);
  const suggestions = reply.suggestions.map((text) => h("button", { type: "button", onclick: () => uses.ask(text) }, text));
  return h(
    "div",
    { class: "entry bot" },
    h(heading, { class: "who" }, words.bot),
    h("div", { class: "bubble" }, replyBody(reply)),
    suggestions.length > 0 &&
      h("div", { class: "suggestions", role: "group", "aria-label": words.suggestions }, ...suggestions),
    !!reply.receipt && !answer.rated && !NOT_RATED.includes(reply.route) && feedback(answer.id, rate, uses.say),
  );
}

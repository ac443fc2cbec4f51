/** "Did this help?": yes, or no with a reason. It goes to the channel, not into the conversation. */

import * as words from "askwell:words";
import { h } from "./dom";

type Rate = (helpful: boolean, reason: string) => Promise<boolean>;

/** Return the question; `rate` sends the answer, `say` tells what came of it. */
export function feedback(id: string, rate: Rate, say: (text: string) => void): HTMLElement {
  const choose = (helpful: boolean) => (helpful ? void send(true, "") : ask());
  const element = h(
    "div",
    { class: "feedback", role: "group", "aria-label": words.helpful },
    h("span", {}, words.helpful),
    h("button", { type: "button", onclick: () => choose(true) }, words.yes),
    h("button", { type: "button", onclick: () => choose(false) }, words.no),
  );

  async function send(helpful: boolean, reason: string): Promise<void> {
    const taken = await rate(helpful, reason);
    say(taken ? words.thanks : words.feedbackFailed);
    if (!taken) return;
    const thanks = h("p", { class: "note", tabindex: -1 }, words.thanks);
    element.replaceChildren(thanks);
    thanks.focus();
  }

  function ask(): void {
    const reasons = words.reasons.map((reason, index) =>
      h("label", {}, h("input", { type: "radio", name: `why-${id}`, value: reason, checked: index === 0 }), reason),
    );
    const more = h("textarea", { rows: 2, maxlength: 500 });
    const form = h(
      "form",
      {
        onsubmit: (event: Event) => {
          event.preventDefault();
          const chosen = form.querySelector<HTMLInputElement>("input:checked");
          void send(false, [chosen?.value, more.value.trim()].filter(Boolean).join(": "));
        },
      },
      h("fieldset", {}, h("legend", {}, words.why), ...reasons),
      h("label", {}, words.reasonMore, more),
      h("button", {}, words.sendFeedback),
    );
    element.replaceChildren(form);
    form.querySelector("input")?.focus();
    form.scrollIntoView({ block: "nearest" });
  }

  return element;
}

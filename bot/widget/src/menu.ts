/** What else can be done with a conversation: take it along, begin again, delete it. */

import * as words from "askwell:words";
import type { Conversation } from "./conversation";
import { h, icon } from "./dom";
import { fill } from "./strings";
import { print, save, transcript } from "./transcript";
import type { Settings } from "./types";

const DOTS = "M12 5v.01M12 12v.01M12 19v.01";

/** Return the button and what it opens; `close` closes it and says whether it was open. */
export function menu(
  settings: Settings,
  conversation: Conversation,
  root: ShadowRoot,
  say: (text: string) => void,
  done: () => void,
): { button: HTMLElement; element: HTMLElement; close(): boolean } {
  const text = () => transcript(conversation.entries);
  const { persistence, minutes } = settings;
  const privacy =
    persistence === "none" ? words.privacyNone : persistence === "local" ? words.privacyLocal : words.privacySession;
  const button = h(
    "button",
    { type: "button", class: "square", "aria-label": words.more, "aria-expanded": "false", onclick: toggle },
    icon(DOTS),
  );
  const first = item(words.save, () => finish(() => save(text())));
  const actions = h(
    "div",
    {},
    first,
    item(words.print, () => finish(() => print(text(), root, words.transcript))),
    item(words.restart, () => finish(restart)),
    item(words.clear, confirm),
  );
  const element = h(
    "div",
    { class: "menu", role: "group", "aria-label": words.more, hidden: true },
    actions,
    h("p", { class: "note" }, fill(privacy, { minutes })),
  );
  const question = h("p", { id: "clear-ask" }, words.clearAsk);
  const keep = item(words.clearNo, () => finish(() => {}));
  const asked = h(
    "div",
    { role: "group", "aria-labelledby": "clear-ask" },
    question,
    item(words.clearYes, () => finish(clear)),
    keep,
  );

  function item(label: string, onclick: () => void): HTMLButtonElement {
    return h("button", { type: "button", onclick }, label);
  }

  function toggle(): void {
    if (close()) return;
    element.replaceChild(actions, element.firstElementChild!);
    element.hidden = false;
    button.setAttribute("aria-expanded", "true");
    first.focus();
  }

  function close(): boolean {
    if (element.hidden) return false;
    element.hidden = true;
    button.setAttribute("aria-expanded", "false");
    button.focus();
    return true;
  }

  function finish(act: () => void): void {
    close();
    act();
  }

  function confirm(): void {
    element.replaceChild(asked, actions);
    keep.focus();
  }

  function restart(): void {
    void conversation.restart();
    say(words.restarted);
    done();
  }

  async function clear(): Promise<void> {
    done();
    say((await conversation.restart()) ? words.cleared : words.clearedHere);
  }

  return { button, element, close };
}

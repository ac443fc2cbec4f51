/**
 * What screen readers hear: each thing once, in order.
 *
 * Three regions, there before anything is said. A text is added and never changed, so the same words twice are heard
 * twice; later it goes, so that nobody finds it again while reading. The visible conversation itself is silent.
 */

import { h } from "./dom";

const STAYS = 10_000;

export class Announcer {
  readonly element: HTMLElement;
  #messages = h("div", { "aria-live": "polite" });
  #status = h("div", { role: "status" });
  #urgent = h("div", { role: "alert" });

  constructor() {
    this.element = h("div", { class: "unseen" }, this.#messages, this.#status, this.#urgent);
  }

  /** Say a message of the conversation; an urgent one interrupts. */
  message(text: string, urgent: boolean): void {
    this.#say(urgent ? this.#urgent : this.#messages, text);
  }

  /** Say how things stand: waiting, connection, what a button did. */
  status(text: string): void {
    this.#say(this.#status, text);
  }

  #say(region: HTMLElement, text: string): void {
    const said = h("p", {}, text);
    region.append(said);
    setTimeout(() => said.remove(), STAYS);
  }
}

/** Where the patient writes: a labelled field, a counter near the limit, and nothing ever cut. */

import * as words from "askwell:words";
import { h } from "./dom";
import { fill } from "./strings";

// From this share of the limit on, the counter is shown.
const NEAR = 0.8;

interface Uses {
  typed(draft: string): void;
  send(text: string): void;
  say(text: string): void;
}

export class Composer {
  readonly element: HTMLFormElement;
  #field: HTMLTextAreaElement;
  #counter = h("p", { class: "note", id: "counter" });

  constructor(
    private readonly most: number,
    private readonly uses: Uses,
  ) {
    this.#field = h("textarea", {
      id: "question",
      rows: 1,
      "aria-describedby": "counter",
      autocomplete: "off",
      oninput: () => this.#typed(),
      onkeydown: (event: KeyboardEvent) => {
        // An Enter that ends a composition (Chinese, Japanese, Korean) is not meant for us; 229 is how some say so.
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        this.element.requestSubmit();
      },
    });
    this.element = h(
      "form",
      {
        class: "composer",
        onsubmit: (event: Event) => {
          event.preventDefault();
          this.#submit();
        },
      },
      h("label", { for: "question" }, words.label),
      this.#field,
      h("button", { class: "send" }, words.send),
      this.#counter,
    );
  }

  get text(): string {
    return this.#field.value;
  }

  set text(text: string) {
    this.#field.value = text;
    this.#typed();
  }

  clear(): void {
    this.#field.value = "";
    this.#count();
  }

  focus(): void {
    this.#field.focus();
  }

  #typed(): void {
    this.#count();
    this.uses.typed(this.text);
  }

  #count(): void {
    const left = this.most - [...this.text].length;
    const over = left < 0;
    this.#counter.textContent =
      left > this.most * (1 - NEAR) ? "" : over ? fill(words.over, { n: -left }) : fill(words.left, { n: left });
    if (over) this.#field.setAttribute("aria-invalid", "true");
    else this.#field.removeAttribute("aria-invalid");
    // As high as its text, up to a limit in the style.
    this.#field.rows = Math.min(5, this.text.split("\n").length + Math.floor(this.text.length / 42));
  }

  #submit(): void {
    const text = this.text.trim();
    if ([...this.text].length > this.most) this.uses.say(this.#counter.textContent ?? "");
    else if (text) return this.uses.send(text);
    this.focus();
  }
}

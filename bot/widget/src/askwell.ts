/**
 * The loader: all that a page costs until somebody opens the chat.
 *
 * Defines <askwell-chat>: a button, quick exit, and the rest fetched on demand. If that fails, the crisis numbers.
 */

import numbers from "askwell:numbers";
import { leaveFor, onShifts } from "./exit";
import css from "./launcher.css";
import { readPlace } from "./place";
import { peek, wipe } from "./storage";
import { launcher, leaveMore, loadFailed } from "./strings/en.json";
import * as es from "./strings/es.json";
import type { Panel, PanelModule, Place } from "./types";

const WORDS = {
  en: { launcher, leaveMore, loadFailed },
  es: { launcher: es.launcher, leaveMore: es.leaveMore, loadFailed: es.loadFailed },
};
// Emergency numbers where the country is not known.
const ANYWHERE = "911 999 112 000 111";

class AskwellChat extends HTMLElement {
  #place!: Place;
  #panel: Panel | undefined;
  #tries = 0;
  #language: "en" | "es" = "en";
  #button = document.createElement("button");
  #status = document.createElement("p");

  connectedCallback(): void {
    if (this.shadowRoot) return;
    const place = (this.#place = readPlace(this, import.meta.url));
    const section = document.createElement("section");
    if (/^es\b/i.test(place.language)) this.#language = "es";
    section.lang = this.#language;
    section.ariaLabel = this.#button.textContent = WORDS[this.#language].launcher;
    this.#button.onclick = () => this.open();
    this.#status.role = "status";
    section.append(this.#status, this.#button);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(`:host{--askwell-accent:${place.accent}}${css}`);
    const root = this.attachShadow({ mode: "open" });
    root.adoptedStyleSheets = [sheet];
    root.append(section);
    if (place.exit) onShifts((missing) => (missing ? this.#warn(missing) : this.leave()));
    if (place.page || peek(place)?.open) void this.open(false);
  }

  /** Open the panel; `focus` moves the keyboard into it. */
  async open(focus = true): Promise<void> {
    try {
      this.#panel ??= await this.#load();
      this.#button.hidden = true;
      this.#status.textContent = "";
      this.#panel.open(focus);
    } catch {
      this.#showFailure();
    }
  }

  close(): void {
    this.#panel?.close();
  }

  /** Wipe the conversation, here and on the server, and leave the site. */
  leave(): void {
    const { server, exit } = this.#place;
    const sender = this.#panel?.end() ?? peek(this.#place)?.sender;
    wipe(server);
    this.remove();
    if (sender) void fetch(`${server}/webhooks/askwell/conversations/${sender}`, { method: "DELETE", keepalive: true });
    leaveFor(exit);
  }

  async #load(): Promise<Panel> {
    // A failed module stays failed under its address, so another try needs another address.
    const source = new URL(`askwell-${this.#language}.js?${this.#tries++}`, import.meta.url).href;
    await preload(source, INTEGRITY[this.#language]);
    const { mount } = (await import(source)) as PanelModule;
    return (this.#panel ??= mount(this, this.#place, {
      leave: () => this.leave(),
      closed: () => {
        this.#button.hidden = false;
        this.#button.textContent = WORDS[this.#language].launcher;
        this.#button.focus();
      },
      unread: (text) => {
        this.#status.textContent = this.#button.textContent = text;
      },
    }));
  }

  #showFailure(): void {
    this.#status.textContent = WORDS[this.#language].loadFailed;
    for (const number of (numbers[this.#place.country] ?? ANYWHERE).split(" ")) {
      const link = document.createElement("a");
      link.href = "tel:" + (link.textContent = number);
      this.#status.append(" ", link);
    }
  }

  #warn(missing: number): void {
    const text = WORDS[this.#language].leaveMore.replace("{n}", `${missing}`);
    if (this.#button.hidden) this.#panel?.status(text);
    else this.#status.textContent = text;
  }
}

/** Fetch a module and hold it to its hash; a browser that can't do that just imports it. */
async function preload(href: string, integrity: string): Promise<void> {
  const hint = document.createElement("link");
  if (!hint.relList.supports("modulepreload")) return;
  await new Promise((onload, onerror) => {
    Object.assign(hint, { rel: "modulepreload", integrity, crossOrigin: "", onload, onerror, href });
    document.head.append(hint);
  });
}

customElements.define("askwell-chat", AskwellChat);

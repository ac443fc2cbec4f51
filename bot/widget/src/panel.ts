/**
 * The panel: everything behind the button. Fetched when somebody opens the chat.
 *
 * The view of a conversation. Nothing is ever drawn again: entries are added, so that nobody hears or loses them twice.
 */

import * as words from "askwell:words";
import { Announcer } from "./announcer";
import { textOn } from "./colour";
import { Composer } from "./composer";
import { Conversation, type Connection, type View } from "./conversation";
import { adopt, h, icon } from "./dom";
import { answerElement, questionElement } from "./entries";
import { menu } from "./menu";
import { greeting, ownReply, pinned, spokenTrouble, troubleElements } from "./notices";
import css from "./panel.css";
import { spoken } from "./reply";
import { readSettings } from "./settings";
import { Transport } from "./transport";
import type { Entry, Launcher, Panel, Place, Question, Settings } from "./types";

// Here the panel is as large as the screen, and the page beneath can't be used meanwhile.
const SMALL = "(max-width: 30rem), (max-height: 30rem)";
const CROSS = "M6 6l12 12M18 6L6 18";
// Milliseconds; a quick reply should not be announced as being waited for.
const WAITING_AFTER = 700;
// Pixels; so near to its end, the conversation follows what is added.
const NEAR_END = 120;

/** Build the panel into the element. */
export function mount(host: HTMLElement, place: Place, launcher: Launcher): Panel {
  return new ChatPanel(host, readSettings(host, place), launcher);
}

class ChatPanel implements Panel, View {
  #root: ShadowRoot;
  #frame: HTMLElement;
  #conversation: Conversation;
  #composer: Composer;
  #announcer = new Announcer();
  #say = (text: string) => this.#announcer.status(text);
  #ask = (text: string) => this.#asked(text);
  #shown = new Map<string, HTMLElement[]>();
  #log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": words.log, tabindex: 0 });
  #dots = h("p", { class: "dots", hidden: true }, words.waiting);
  #strip = h("div", { class: "strip", hidden: true });
  #newest = h("button", { type: "button", class: "newest", hidden: true, onclick: () => this.#toNewest() }, words.newest);
  #open = false;
  #waiting = 0;

  constructor(
    private readonly host: HTMLElement,
    private readonly settings: Settings,
    private readonly launcher: Launcher,
  ) {
    this.#root = host.shadowRoot!;
    const transport = new Transport(settings.server, { language: settings.language, country: settings.country });
    const local = ownReply("crisis", words.crisisLocal, settings.lines, []);
    this.#conversation = new Conversation(settings, transport, local, this);
    this.#composer = new Composer(settings.most, {
      typed: (draft) => this.#conversation.keep({ draft }),
      send: this.#ask,
      say: this.#say,
    });
    this.#frame = this.#build();
    adopt(this.#root, `:host{--askwell-on-accent:${textOn(settings.accent)}}${css}`);
    this.#root.append(this.#frame);
    this.#log.append(this.#dots);
    this.#log.addEventListener("scroll", () => (this.#newest.hidden ||= this.#atEnd()));
    this.#greet();
    this.#conversation.start();
    this.#composer.text = this.#conversation.draft;
    matchMedia(SMALL).addEventListener("change", () => this.#open && this.#show());
  }

  // What the loader asks.

  open(focus: boolean): void {
    if (this.#open) return;
    this.#open = true;
    this.#show();
    this.#toNewest();
    this.#conversation.keep({ open: true });
    this.#tell("open");
    if (focus) this.#composer.focus();
    if (!this.#conversation.entries.length) this.#announcer.message(`${words.bot}: ${greeting(this.settings).text}`, false);
  }

  close(): void {
    if (!this.#open || !(this.#frame instanceof HTMLDialogElement)) return;
    this.#open = false;
    this.#frame.close();
    this.#conversation.keep({ open: false });
    this.launcher.closed();
    this.#tell("close");
  }

  status(text: string): void {
    this.#say(text);
  }

  end(): string {
    return this.#conversation.end();
  }

  // What the conversation tells.

  added(entry: Entry, fresh: boolean): void {
    const follow = this.#atEnd() || !this.#open;
    const element = this.#draw(entry);
    if (!fresh || entry.by === "patient") return this.#toNewest();
    const { reply, local } = entry;
    this.#announcer.message(`${words.bot}: ${spoken(reply)}`, reply.route === "crisis");
    this.#tell("reply", { route: reply.route, category: reply.category, local: !!local });
    if (!this.#open) this.launcher.unread(words.unread);
    if (follow) element.scrollIntoView({ block: "start" });
    else this.#newest.hidden = false;
  }

  changed(question: Question): void {
    const state = this.#shown.get(question.id)?.[0]?.querySelector(".state");
    if (!state) return;
    state.textContent = { waiting: words.queued, answered: "", refused: words.refused }[question.state];
    if (question.state !== "refused") return;
    this.#say(words.refused);
    this.#tell("error", { kind: "refused" });
    const edit = () => {
      this.#composer.text = question.text;
      this.#composer.focus();
    };
    state.append(" ", h("button", { type: "button", onclick: edit }, words.edit));
  }

  connection(state: Connection): void {
    this.#strip.hidden = state === "ok";
    if (state === "ok") return this.#say(words.back);
    const { lines } = this.settings;
    this.#tell("error", { kind: state });
    this.#say(spokenTrouble(state, lines));
    this.#strip.replaceChildren(...troubleElements(state, lines, () => this.#conversation.retry()));
  }

  waiting(on: boolean): void {
    clearTimeout(this.#waiting);
    this.#dots.hidden = !on;
    if (on) this.#waiting = setTimeout(() => this.#say(words.waiting), WAITING_AFTER);
  }

  replaced(): void {
    this.#shown.clear();
    this.#log.replaceChildren(this.#dots);
    this.#composer.clear();
    this.#greet();
  }

  // Drawing.

  #build(): HTMLElement {
    const { settings } = this;
    const options = menu(settings, this.#conversation, this.#root, this.#say, () => this.#composer.focus());
    const close = () => this.close();
    const keys = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      if (!options.close()) close();
    };
    const frame: HTMLElement = h(
      settings.page ? "div" : "dialog",
      {
        class: "panel",
        "aria-labelledby": !settings.page && "title",
        lang: LANGUAGE,
        dir: settings.direction,
        onkeydown: keys,
        // A phone's Back closes the dialog without asking us.
        onclose: () => frame.hasAttribute("open") || close(),
      },
      h(
        "div",
        { class: "bar" },
        h(settings.page ? "h1" : "h2", { id: "title" }, settings.heading || words.title),
        settings.exit && h("button", { type: "button", class: "leave", onclick: this.launcher.leave }, words.leave),
        options.button,
        !settings.page &&
          h("button", { type: "button", class: "square", "aria-label": words.close, onclick: close }, icon(CROSS)),
      ),
      pinned(settings.lines),
      options.element,
      this.#log,
      this.#newest,
      this.#strip,
      this.#composer.element,
      this.#announcer.element,
    );
    const dark = matchMedia("(prefers-color-scheme: dark)");
    const paint = () => {
      frame.classList.toggle("dark", settings.theme === "dark" || (settings.theme !== "light" && dark.matches));
    };
    dark.addEventListener("change", paint);
    paint();
    frame.classList.toggle("page", settings.page);
    return frame;
  }

  #greet(): void {
    this.#draw({ by: "bot", id: "greeting", at: 0, reply: greeting(this.settings), local: true });
  }

  /** Add an entry beneath the others of its question. */
  #draw(entry: Entry): HTMLElement {
    const heading = this.settings.page ? "h2" : "h3";
    const uses = { ask: this.#ask, rate: this.#conversation.rate.bind(this.#conversation), say: this.#say };
    const element = entry.by === "patient" ? questionElement(entry, heading) : answerElement(entry, heading, uses);
    const group = this.#shown.get(entry.id) ?? [];
    const last = group.at(-1);
    if (last) last.after(element);
    else this.#dots.before(element);
    this.#shown.set(entry.id, [...group, element]);
    return element;
  }

  #asked(text: string): void {
    for (const old of this.#log.querySelectorAll(".suggestions")) old.remove();
    this.#composer.clear();
    this.#composer.focus();
    this.#conversation.ask(text);
    this.#tell("message");
  }

  #atEnd(): boolean {
    return this.#log.scrollHeight - this.#log.scrollTop - this.#log.clientHeight < NEAR_END;
  }

  #toNewest(): void {
    this.#newest.hidden = true;
    this.#log.scrollTop = this.#log.scrollHeight;
  }

  /** Show the dialog beside the page, or over all of it; the focus stays where it is. */
  #show(): void {
    const focused = this.#root.activeElement as HTMLElement | null;
    if (!(this.#frame instanceof HTMLDialogElement)) return;
    this.#frame.close();
    if (matchMedia(SMALL).matches) this.#frame.showModal();
    else this.#frame.setAttribute("open", "");
    focused?.focus();
  }

  #tell(name: string, detail?: object): void {
    this.host.dispatchEvent(new CustomEvent(`askwell:${name}`, { bubbles: true, composed: true, detail }));
  }
}

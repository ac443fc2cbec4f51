/**
 * The panel: everything behind the button. Fetched when somebody opens the chat.
 *
 * The view of a conversation. Nothing is ever drawn again: entries are added, so that nobody hears or loses them twice.
 */

import * as words from "askwell:words";
import { Announcer } from "./announcer";
import { Composer } from "./composer";
import { textOn } from "./colour";
import { Conversation, type Connection } from "./conversation";
import { adopt, h, icon, link } from "./dom";
import { feedback } from "./feedback";
import { menu } from "./menu";
import { helpLine, replyBody, spoken } from "./reply";
import css from "./panel.css";
import { readSettings } from "./settings";
import { Transport } from "./transport";
import type { Answer, Entry, Launcher, Panel, Place, Question, Reply } from "./types";

// As large as the screen; the page beneath can't be used meanwhile.
const SMALL = "(max-width: 30rem), (max-height: 30rem)";
const CROSS = "M6 6l12 12M18 6L6 18";
// A quick reply should not be announced as being waited for.
const TROUBLE = { offline: words.offline, down: words.down, busy: words.busy };
const WAITING_AFTER = 700;
const NOT_RATED = ["crisis", "error", "smalltalk"];

/** Build the panel into the element. */
export function mount(host: HTMLElement, place: Place, launcher: Launcher): Panel {
  const root = host.shadowRoot!;
  const settings = readSettings(host, place);
  const tell = (name: string, detail?: object) =>
    host.dispatchEvent(new CustomEvent(`askwell:${name}`, { bubbles: true, composed: true, detail }));
  const announcer = new Announcer();
  const say = (text: string) => announcer.status(text);
  const shown = new Map<string, HTMLElement[]>();
  const said = settings.page ? "h2" : "h3";
  let isOpen = false;
  let waitingTimer = 0;

  const transport = new Transport(settings.server, { language: settings.language, country: settings.country });
  const local: Reply = {
    route: "crisis",
    category: "unreachable",
    text: words.crisisLocal,
    hedge: null,
    disagreement: false,
    citations: [],
    resources: settings.lines,
    suggestions: [],
    receipt: "",
  };
  const conversation = new Conversation(settings, transport, local, { added, changed, connection, waiting, replaced });

  const log = h("div", { class: "log", role: "log", "aria-live": "off", "aria-label": words.log, tabindex: 0 });
  const dots = h("p", { class: "dots", hidden: true }, words.waiting);
  const strip = h("div", { class: "strip", hidden: true });
  const newest = h("button", { type: "button", class: "newest", hidden: true, onclick: () => toNewest() }, words.newest);
  const composer = new Composer(settings.most, {
    typed: (draft) => conversation.keep({ draft }),
    send: (text) => ask(text),
    say,
  });
  const title = h(settings.page ? "h1" : "h2", { id: "title" }, settings.heading || words.title);
  const options = menu(settings, conversation, root, say, () => composer.focus());
  const frame = h(
    settings.page ? "div" : "dialog",
    { class: "panel", "aria-labelledby": !settings.page && "title", lang: LANGUAGE, dir: settings.direction, onkeydown: escape, oncancel: cancel },
    h(
      "div",
      { class: "bar" },
      title,
      settings.exit && h("button", { type: "button", class: "leave", onclick: launcher.leave }, words.leave),
      options.button,
      !settings.page && h("button", { type: "button", class: "square", "aria-label": words.close, onclick: close }, icon(CROSS)),
    ),
    h("p", { class: "pinned" }, words.automated, ...emergency()),
    options.element,
    log,
    newest,
    strip,
    composer.element,
    announcer.element,
  );
  log.append(dots);

  adopt(root, `:host{--askwell-on-accent:${textOn(settings.accent)}}${css}`);
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const paint = () => frame.classList.toggle("dark", settings.theme === "dark" || (settings.theme !== "light" && dark.matches));
  dark.addEventListener("change", paint);
  paint();
  frame.classList.toggle("page", settings.page);
  root.append(frame);
  greet();
  conversation.start();
  composer.text = conversation.draft;
  matchMedia(SMALL).addEventListener("change", () => isOpen && frame.localName === "dialog" && show(root.activeElement));
  log.addEventListener("scroll", () => (newest.hidden ||= atEnd()));

  /** Emergency and crisis line, always in view. Without a country, in words. */
  function emergency(): (string | HTMLElement)[] {
    const [first, ...others] = settings.lines;
    if (!first) return [` ${words.emergency}: ${words.localEmergency}`];
    return [
      ` ${words.emergency}: `,
      link(first.href, "", first.contact),
      ...others.flatMap((line) => [` · ${words.crisisLine}: `, link(line.href, "", line.contact)]),
    ];
  }

  function greet(): void {
    const greeting = { ...local, route: "smalltalk", text: settings.greeting || words.greeting, resources: [], suggestions: settings.suggestions };
    draw({ by: "bot", id: "greeting", at: 0, reply: greeting, local: true });
  }

  function ask(text: string): void {
    for (const old of log.querySelectorAll(".suggestions")) old.remove();
    composer.clear();
    composer.focus();
    conversation.ask(text);
    tell("message");
  }

  // What the conversation tells.

  function added(entry: Entry, fresh: boolean): void {
    const follow = atEnd() || !isOpen;
    const element = draw(entry);
    if (!fresh) return void (log.scrollTop = log.scrollHeight);
    if (entry.by === "patient") return toNewest();
    announcer.message(`${words.bot}: ${spoken(entry.reply)}`, entry.reply.route === "crisis");
    tell("reply", { route: entry.reply.route, category: entry.reply.category, local: !!entry.local });
    if (!isOpen) launcher.unread(words.unread);
    if (!follow) newest.hidden = false;
    else element.scrollIntoView({ block: "start" });
  }

  function changed(question: Question): void {
    const element = shown.get(question.id)?.[0];
    const state = element?.querySelector(".state");
    if (!state) return;
    const refused = question.state === "refused";
    state.textContent = refused ? words.refused : question.state === "waiting" ? words.queued : "";
    if (!refused) return;
    say(words.refused);
    tell("error", { kind: "refused" });
    const edit = () => {
      composer.text = question.text;
      composer.focus();
    };
    state.append(" ", h("button", { type: "button", onclick: edit }, words.edit));
  }

  function connection(state: Connection): void {
    strip.hidden = state === "ok";
    if (state === "ok") return say(words.back);
    tell("error", { kind: state });
    say([TROUBLE[state], words.danger, ...settings.lines.map((one) => `${one.name}: ${one.contact}`)].join(" "));
    strip.replaceChildren(
      h("p", {}, TROUBLE[state]),
      h("button", { type: "button", onclick: () => conversation.retry() }, words.tryNow),
      h("p", {}, words.danger),
      settings.lines.length ? h("ul", { class: "lines" }, ...settings.lines.map((one) => h("li", {}, helpLine(one)))) : h("p", {}, words.localEmergency),
    );
  }

  function waiting(on: boolean): void {
    clearTimeout(waitingTimer);
    dots.hidden = !on;
    if (on) waitingTimer = setTimeout(() => say(words.waiting), WAITING_AFTER);
  }

  function replaced(): void {
    shown.clear();
    log.replaceChildren(dots);
    composer.clear();
    greet();
  }

  // Drawing.

  /** Add an entry beneath the others of its question. */
  function draw(entry: Entry): HTMLElement {
    const element = entry.by === "patient" ? drawQuestion(entry) : drawAnswer(entry);
    const group = shown.get(entry.id) ?? [];
    const last = group.at(-1);
    if (last) last.after(element);
    else dots.before(element);
    shown.set(entry.id, [...group, element]);
    return element;
  }

  function drawQuestion(entry: Question): HTMLElement {
    return h(
      "div",
      { class: "entry me" },
      h(said, { class: "unseen" }, words.you),
      h("div", { class: "bubble" }, entry.text),
      h("p", { class: "state" }, entry.state === "refused" && words.refused),
    );
  }

  function drawAnswer(entry: Answer): HTMLElement {
    const { reply } = entry;
    const rate = (helpful: boolean, reason: string) => conversation.rate(entry, helpful, reason);
    return h(
      "div",
      { class: "entry bot" },
      h(said, { class: "who" }, words.bot),
      h("div", { class: "bubble" }, replyBody(reply)),
      reply.suggestions.length > 0 &&
        h(
          "div",
          { class: "suggestions", role: "group", "aria-label": words.suggestions },
          ...reply.suggestions.map((text) => h("button", { type: "button", onclick: () => ask(text) }, text)),
        ),
      !!reply.receipt && !entry.rated && !NOT_RATED.includes(reply.route) && feedback(entry.id, rate, say),
    );
  }

  function atEnd(): boolean {
    return log.scrollHeight - log.scrollTop - log.clientHeight < 120;
  }

  function toNewest(): void {
    newest.hidden = true;
    log.scrollTop = log.scrollHeight;
  }

  // Opening and closing.

  function show(focused: Element | null): void {
    if (!(frame instanceof HTMLDialogElement)) return;
    frame.close();
    if (matchMedia(SMALL).matches) frame.showModal();
    else frame.setAttribute("open", "");
    if (focused instanceof HTMLElement) focused.focus();
  }

  function open(focus: boolean): void {
    if (isOpen) return;
    isOpen = true;
    show(root.activeElement);
    log.scrollTop = log.scrollHeight;
    conversation.keep({ open: true });
    tell("open");
    if (focus) composer.focus();
    if (!conversation.entries.length) announcer.message(`${words.bot}: ${settings.greeting || words.greeting}`, false);
  }

  function close(): void {
    if (!isOpen || !(frame instanceof HTMLDialogElement)) return;
    isOpen = false;
    frame.close();
    conversation.keep({ open: false });
    launcher.closed();
    tell("close");
  }

  function cancel(event: Event): void {
    event.preventDefault();
    close();
  }

  function escape(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    if (!options.close()) close();
  }

  return { open, close, status: say, end: () => conversation.end() };
}


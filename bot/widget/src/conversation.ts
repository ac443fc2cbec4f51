/**
 * The conversation: what was said, what still waits to be sent, and what is kept in the browser.
 *
 * Questions go out one at a time, in order, each under its own id until there is a reply, so nothing is lost and nothing
 * is asked twice. A question without a reply for a while is looked at here, in case somebody is in danger.
 */

import { mayBeDanger } from "./screen";
import { keyOf, read, wipe, write } from "./storage";
import { randomId, type Transport } from "./transport";
import type { Answer, Entry, Question, Reply, Settings, Stored } from "./types";

export type Connection = "ok" | "offline" | "down" | "busy";

/** What the conversation tells its view. */
export interface View {
  added(entry: Entry, fresh: boolean): void;
  changed(question: Question): void;
  connection(state: Connection): void;
  waiting(on: boolean): void;
  /** Another conversation took the place of this one. */
  replaced(): void;
}

// A question without a reply for so long is screened here; the service itself answers within 3 seconds.
const SCREEN_AFTER = 4_000;
const LONGEST_PAUSE = 30;

export class Conversation {
  entries: Entry[] = [];
  draft = "";
  connection: Connection = "ok";
  #sender = randomId();
  #open = false;
  #mine = new Set<string>();
  #sending = false;
  #failures = 0;
  #timer = 0;
  #listening = new AbortController();
  #persistence: string;

  constructor(
    private readonly settings: Settings,
    private readonly transport: Transport,
    private readonly localReply: Reply,
    private readonly view: View,
  ) {
    this.#persistence = settings.persistence;
  }

  /** Show what is kept, send what still waits, and listen to the network and to other tabs. */
  start(): void {
    const kept = read(this.settings);
    if (kept) this.#take(kept);
    for (const one of this.entries) {
      if (one.by === "patient" && one.state === "waiting") this.#watch(one);
    }
    const signal = this.#listening.signal;
    addEventListener("online", () => this.retry(), { signal });
    addEventListener("offline", () => this.#connect("offline"), { signal });
    const key = keyOf(this.settings.server);
    addEventListener("storage", (event) => [key, null].includes(event.key) && this.#readAgain(), { signal });
    void this.#send();
  }

  /** Ask a question; it is shown and kept before it is sent. */
  ask(text: string): void {
    const question: Question = { by: "patient", id: randomId(), at: Date.now(), text, state: "waiting" };
    this.draft = "";
    this.#add(question);
    this.#watch(question);
    if (this.connection !== "ok") this.#screen(question);
    void this.#send();
  }

  /** Try now what would be tried later. */
  retry(): void {
    if (!this.#next()) this.#connect("ok");
    void this.#send();
  }

  keep(changes: { draft?: string; open?: boolean }): void {
    this.draft = changes.draft ?? this.draft;
    this.#open = changes.open ?? this.#open;
    this.#save();
  }

  /** Begin a new conversation; the old one goes from the browser, and from the server too. Return whether it went. */
  async restart(): Promise<boolean> {
    const old = this.#sender;
    this.#replace(null);
    this.#save();
    return this.#forget(old);
  }

  async rate(answer: Answer, helpful: boolean, reason: string): Promise<boolean> {
    const taken = await this.transport.rate(this.#sender, answer.reply.receipt, helpful, reason);
    if (taken) {
      answer.rated = true;
      this.#save();
    }
    return taken;
  }

  /** Leave nothing, keep nothing and hear nothing any more. Return whose conversation it was. */
  end(): string {
    this.#listening.abort();
    clearTimeout(this.#timer);
    this.#persistence = "none";
    wipe(this.settings.server);
    return this.#sender;
  }

  async #send(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    clearTimeout(this.#timer);
    for (let question = this.#next(); question; question = this.#next()) {
      const { id, text } = question;
      this.view.waiting(true);
      const outcome = await this.transport.send(this.#sender, id, text);
      const asked = this.#question(id);
      if (!asked) continue; // Its conversation was deleted meanwhile.
      if (outcome.kind === "failed") {
        this.#fail(outcome.busy, outcome.seconds);
        break;
      }
      this.#failures = 0;
      asked.state = outcome.kind === "reply" ? "answered" : "refused";
      this.view.changed(asked);
      if (outcome.kind === "reply") this.#add({ by: "bot", id, at: Date.now(), reply: outcome.reply });
      else this.#screen(asked, true);
      this.#connect("ok");
    }
    this.view.waiting(false);
    this.#sending = false;
    this.#save();
  }

  #fail(busy: boolean, seconds: number): void {
    const pause = Math.min(LONGEST_PAUSE, 2 ** this.#failures++) * (0.75 + Math.random() / 4);
    this.#timer = setTimeout(() => this.#send(), Math.max(pause, seconds) * 1000);
    this.#connect(navigator.onLine ? (busy ? "busy" : "down") : "offline");
    for (const one of this.entries) {
      if (one.by !== "patient" || one.state !== "waiting") continue;
      this.view.changed(one);
      this.#screen(one);
    }
  }

  #connect(state: Connection): void {
    if (state === this.connection) return;
    this.connection = state;
    this.view.connection(state);
  }

  /** Take care that a question is sent by this tab, and screened if the reply takes long. */
  #watch({ id }: Question): void {
    this.#mine.add(id);
    setTimeout(() => this.#screen(this.#question(id)), SCREEN_AFTER);
  }

  /** Give the crisis numbers for a question that nobody has answered, if it may be about a danger. Once. */
  #screen(question: Question | undefined, refused = false): void {
    if (!question || (question.state !== "waiting" && !refused)) return;
    if (this.entries.some((one) => one.by === "bot" && one.id === question.id)) return;
    if (mayBeDanger(question.text)) {
      this.#add({ by: "bot", id: question.id, at: Date.now(), reply: this.localReply, local: true });
    }
  }

  #question(id: string): Question | undefined {
    return this.entries.find((one): one is Question => one.by === "patient" && one.id === id);
  }

  #next(): Question | undefined {
    return this.entries.find(
      (one): one is Question => one.by === "patient" && one.state === "waiting" && this.#mine.has(one.id),
    );
  }

  #add(entry: Entry, fresh = true): void {
    if (this.entries.some((one) => same(one, entry))) return;
    // A reply stands beneath its question, also when others were asked meanwhile.
    const last = this.entries.findLastIndex((one) => one.id === entry.id);
    this.entries.splice(last < 0 ? this.entries.length : last + 1, 0, entry);
    this.#save();
    this.view.added(entry, fresh);
  }

  #save(): void {
    const { entries, draft } = this;
    const stored: Stored = { v: 1, sender: this.#sender, at: Date.now(), open: this.#open, draft, entries };
    write(this.#persistence, this.settings.server, stored);
  }

  #readAgain(): void {
    const kept = read(this.settings);
    if (kept?.sender !== this.#sender) return this.#replace(kept);
    const missing = this.entries.filter((mine) => !kept.entries.some((one) => same(one, mine)));
    for (const one of kept.entries) {
      const mine = one.by === "patient" ? this.#question(one.id) : undefined;
      if (!mine) this.#add(one);
      else if (one.by === "patient" && mine.state === "waiting" && one.state !== "waiting") {
        mine.state = one.state;
        this.view.changed(mine);
      }
    }
    if (missing.length) this.#save();
  }

  #replace(kept: Stored | null): void {
    clearTimeout(this.#timer);
    this.#failures = 0;
    this.#mine.clear();
    this.entries = [];
    this.draft = "";
    this.#sender = kept?.sender ?? randomId();
    this.#connect("ok");
    this.view.replaced();
    if (kept) this.#take(kept);
  }

  #take(kept: Stored): void {
    this.#sender = kept.sender;
    this.draft = kept.draft;
    for (const one of kept.entries) this.#add(one, false);
  }

  /** Ask the server to forget; if it can't be reached, again later while the page is open. */
  async #forget(sender: string, pause = 5): Promise<boolean> {
    const done = await this.transport.forget(sender);
    if (!done) setTimeout(() => void this.#forget(sender, Math.min(600, pause * 2)), pause * 1000);
    return done;
  }
}

function same(one: Entry, other: Entry): boolean {
  return one.id === other.id && one.by === other.by && (one.by === "patient" || one.local === (other as Answer).local);
}

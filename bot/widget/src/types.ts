/** Shapes that pass between the parts: the reply (schema askwell.reply/1), what is said, and the settings of an element. */

export interface Resource {
  name: string;
  contact: string;
  href: string;
  hours: string;
}

export interface Reference {
  text: string;
  url: string | null;
  kind: string;
  year: number | null;
}

export interface Citation {
  number: number;
  title: string;
  section: string;
  quote: string;
  url: string | null;
  reviewed: string;
  references: Reference[];
}

/** One turn's reply. `text` is complete without the other fields. */
export interface Reply {
  route: string;
  category: string;
  text: string;
  hedge: { level: string; text: string } | null;
  disagreement: boolean;
  citations: Citation[];
  resources: Resource[];
  suggestions: string[];
  receipt: string;
}

/** What the patient wrote. It waits until the server has replied to it, or has refused it for good. */
export interface Question {
  by: "patient";
  id: string;
  at: number;
  text: string;
  state: "waiting" | "answered" | "refused";
}

/** A reply to the question whose id it carries; `local` if the widget gave it because the server could not. */
export interface Answer {
  by: "bot";
  id: string;
  at: number;
  reply: Reply;
  local?: boolean;
  rated?: boolean;
}

export type Entry = Question | Answer;

/** What is kept in the browser, if anything is. */
export interface Stored {
  v: 1;
  sender: string;
  at: number;
  open: boolean;
  draft: string;
  entries: Entry[];
}

/** The attributes that the loader needs. */
export interface Place {
  server: string;
  country: string;
  language: string;
  accent: string;
  persistence: string;
  exit: string;
  page: boolean;
}

/** All attributes, checked. */
export interface Settings extends Place {
  heading: string;
  greeting: string;
  suggestions: string[];
  lines: Resource[];
  direction: string;
  theme: string;
  minutes: number;
  most: number;
}

/** What the panel tells the loader. */
export interface Launcher {
  leave(): void;
  closed(): void;
  unread(text: string): void;
}

/** What the loader may ask of the panel. */
export interface Panel {
  open(focus: boolean): void;
  close(): void;
  status(text: string): void;
  /** Wipe the conversation and stop. Return its sender, so that the server can be told to forget it. */
  end(): string;
}

export interface PanelModule {
  mount(host: HTMLElement, place: Place, launcher: Launcher): Panel;
}

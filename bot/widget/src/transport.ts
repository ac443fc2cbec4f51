/** Talking to the channel. Every ending is a value: a reply, a refusal for good, or a failure worth another try. */

import type { Citation, Reference, Reply, Resource } from "./types";

export type Outcome =
  | { kind: "reply"; reply: Reply }
  | { kind: "refused"; status: number }
  | { kind: "failed"; busy: boolean; seconds: number };

// Longer than any turn of the service, which itself gives up after some seconds.
const PATIENCE = 15_000;
// These will not get better by sending the same again.
const FOR_GOOD = [400, 413, 422];

/** An id that can't be guessed: 128 random bits. Works without https, unlike crypto.randomUUID. */
export function randomId(): string {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

export class Transport {
  constructor(
    private readonly server: string,
    private readonly metadata: Record<string, string>,
  ) {}

  /** Send one message. Sending the same id again gets the same reply, so a retry never asks twice. */
  async send(sender: string, id: string, message: string): Promise<Outcome> {
    try {
      // "/name" typed by a patient is text, never a command to Rasa. The server strips it too.
      const plain = message.replace(/^[\s/]+/, "") || "?";
      const body = { sender, message: plain, metadata: { ...this.metadata, message_id: id } };
      const response = await this.request("webhook", "POST", body);
      if (response.ok) {
        const reply = readReply(await response.json());
        return reply ? { kind: "reply", reply } : { kind: "failed", busy: false, seconds: 0 };
      }
      if (FOR_GOOD.includes(response.status)) return { kind: "refused", status: response.status };
      const seconds = Number(response.headers.get("Retry-After")) || 0;
      return { kind: "failed", busy: response.status === 429, seconds };
    } catch {
      return { kind: "failed", busy: false, seconds: 0 };
    }
  }

  /** Ask the server to forget a conversation. Return whether it did. */
  forget(sender: string): Promise<boolean> {
    return this.done(`conversations/${encodeURIComponent(sender)}`, "DELETE");
  }

  /** Say whether a reply helped. Return whether it was taken. */
  rate(sender: string, receipt: string, helpful: boolean, reason: string | null): Promise<boolean> {
    return this.done("feedback", "POST", { sender, receipt, helpful, reason });
  }

  private async done(path: string, method: string, body?: object): Promise<boolean> {
    try {
      return (await this.request(path, method, body)).ok;
    } catch {
      return false;
    }
  }

  private request(path: string, method: string, body?: object): Promise<Response> {
    const ending = new AbortController();
    const timer = setTimeout(() => ending.abort(), PATIENCE);
    return fetch(`${this.server}/webhooks/askwell/${path}`, {
      method,
      body: body ? JSON.stringify(body) : null,
      headers: body ? { "Content-Type": "application/json" } : {},
      credentials: "omit",
      cache: "no-store",
      referrerPolicy: "no-referrer",
      keepalive: method === "DELETE",
      signal: ending.signal,
    }).finally(() => clearTimeout(timer));
  }
}

/** Read the channel's answer; null if it is not one, `[]` included. Unknown or wrong fields become empty ones. */
export function readReply(body: unknown): Reply | null {
  const first = record(Array.isArray(body) ? body[0] : null);
  const custom = record(first.custom);
  const raw = custom.data ? record(custom.data) : custom;
  const words = text(raw.text) || text(first.text);
  if (!words.trim()) return null;
  const hedge = record(raw.hedge);
  return {
    route: text(raw.route),
    category: text(raw.category),
    text: words,
    hedge: hedge.text ? { level: text(hedge.level), text: text(hedge.text) } : null,
    disagreement: raw.disagreement === true,
    citations: list(raw.citations).map(readCitation),
    resources: list(raw.resources).map(readResource),
    suggestions: list(raw.suggestions).map(text).filter(Boolean),
    receipt: text(raw.receipt),
  };
}

function readCitation(value: unknown): Citation {
  const raw = record(value);
  return {
    number: Number(raw.number) || 0,
    title: text(raw.title),
    section: text(raw.section),
    quote: text(raw.quote),
    url: text(raw.url) || null,
    reviewed: text(raw.reviewed),
    references: list(raw.references).map(readReference),
  };
}

function readReference(value: unknown): Reference {
  const raw = record(value);
  return { text: text(raw.text), url: text(raw.url) || null, kind: text(raw.kind), year: Number(raw.year) || null };
}

function readResource(value: unknown): Resource {
  const raw = record(value);
  return { name: text(raw.name), contact: text(raw.contact), href: text(raw.href), hours: text(raw.hours) };
}

function record(value: unknown): Record<string, unknown> {
  return value && typeof value === "object" ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

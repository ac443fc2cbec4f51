/** What a conversation leaves in the browser: nothing, something until the tab closes, or something until it expires. */

import type { Place, Settings, Stored } from "./types";

/** One key for each service, so that two on one site do not mix. */
export function keyOf(server: string): string {
  return `askwell ${server}`;
}

/** Storage, or null if there is to be none. A browser may refuse it by throwing. */
function area(kind: string): Storage | null {
  return kind === "none" ? null : kind === "local" ? localStorage : sessionStorage;
}

/** Return what is kept, expired or not; null if there is nothing of ours. */
export function peek({ persistence, server }: Place): Stored | null {
  try {
    return JSON.parse(area(persistence)!.getItem(keyOf(server))!) as Stored | null;
  } catch {
    return null;
  }
}

/** Return what is kept; what is expired or of another version goes. */
export function read(place: Settings): Stored | null {
  const stored = peek(place);
  if (stored?.v === 1 && Date.now() - stored.at < place.minutes * 60_000) return stored;
  wipe(place.server);
  return null;
}

/** Keep a conversation; a full or forbidden storage is no reason to fail. */
export function write(kind: string, server: string, stored: Stored): void {
  try {
    area(kind)?.setItem(keyOf(server), JSON.stringify(stored));
  } catch {
    // The conversation goes on in memory.
  }
}

/** Leave nothing, wherever it was kept. */
export function wipe(server: string): void {
  try {
    localStorage.removeItem(keyOf(server));
    sessionStorage.removeItem(keyOf(server));
  } catch {
    // Where storage is refused there is nothing.
  }
}

/** The attributes that the loader needs: where the server is, what is kept, how to leave. Wrong ones become defaults. */

import type { Place } from "./types";

/** Return them. The server is the folder that this script came from, unless `endpoint` names another. */
export function readPlace(element: HTMLElement, script: string): Place {
  const get = (name: string) => element.getAttribute(name) ?? "";
  const endpoint = get("endpoint");
  const accent = get("accent");
  const exit = get("exit");
  return {
    server: new URL(endpoint || ".", endpoint ? document.baseURI : script).href.replace(/\/$/, ""),
    country: get("country").toUpperCase(),
    language: get("language") || document.documentElement.lang,
    accent: /^#[\da-f]{6}$/i.test(accent) ? accent : "#0b5563",
    persistence: get("persistence"),
    exit: exit.startsWith("https:") ? exit : "",
    page: element.hasAttribute("page"),
  };
}

/** The other attributes of the element, which only the panel needs. */

import countries from "askwell:helplines";
import type { Place, Settings } from "./types";

// Written from right to left.
const RIGHT_TO_LEFT = /^(ar|dv|fa|he|ps|sd|ug|ur|yi)\b/;

/** Return all settings. */
export function readSettings(element: HTMLElement, place: Place): Settings {
  const get = (name: string) => element.getAttribute(name) ?? "";
  return {
    ...place,
    heading: get("heading"),
    greeting: get("greeting"),
    suggestions: get("suggestions").split("|").filter(Boolean),
    lines: (countries[place.country] ?? []).map((line) => {
      const [name = "", contact = "", number = ""] = line.split("|");
      return { name, contact, href: `tel:${number}`, hours: "" };
    }),
    direction: RIGHT_TO_LEFT.test(place.language) ? "rtl" : "ltr",
    theme: get("theme"),
    minutes: +get("minutes") || 60,
    most: +get("most") || 2000,
  };
}

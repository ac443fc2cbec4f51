/** What is said about the surroundings: who answers here, whom to call, and what is wrong with the connection. */

import * as words from "askwell:words";
import type { Connection } from "./conversation";
import { h, link } from "./dom";
import { helpLine } from "./reply";
import type { Reply, Resource, Settings } from "./types";

export type Trouble = Exclude<Connection, "ok">;

const TROUBLE = { offline: words.offline, down: words.down, busy: words.busy };

/** Return the line that is always in view. Without a country, the emergency numbers in words. */
export function pinned(lines: Resource[]): HTMLElement {
  const [first, ...others] = lines;
  return h(
    "p",
    { class: "pinned" },
    `${words.automated} ${words.emergency}: `,
    first ? link(first.href, "", first.contact) : words.localEmergency,
    ...others.flatMap((line) => [` · ${words.crisisLine}: `, link(line.href, "", line.contact)]),
  );
}

/** Return what a screen reader says about a trouble. */
export function spokenTrouble(trouble: Trouble, lines: Resource[]): string {
  return [TROUBLE[trouble], words.danger, ...lines.map((one) => `${one.name}: ${one.contact}`)].join(" ");
}

/** Return what is shown of it: what happens to messages, a button to try now, and whom to call meanwhile. */
export function troubleElements(trouble: Trouble, lines: Resource[], retry: () => void): HTMLElement[] {
  return [
    h("p", {}, TROUBLE[trouble]),
    h("button", { type: "button", onclick: retry }, words.tryNow),
    h("p", {}, words.danger),
    lines.length
      ? h("ul", { class: "lines" }, ...lines.map((one) => h("li", {}, helpLine(one))))
      : h("p", {}, words.localEmergency),
  ];
}

/** Return a reply of the widget's own. */
export function ownReply(route: string, text: string, resources: Resource[], suggestions: string[]): Reply {
  const none = { hedge: null, disagreement: false, citations: [], receipt: "" };
  return { ...none, route, category: "widget", text, resources, suggestions };
}

/** Return the first thing that is said. */
export function greeting({ greeting: own, suggestions }: Settings): Reply {
  return ownReply("smalltalk", own || words.greeting, [], suggestions);
}

/** Building the DOM: elements, text and attributes only, never markup. Links only to addresses that can do no harm. */

export type Child = Node | string | false | null | undefined;
type Value = string | number | boolean | ((event: never) => void) | null | undefined;

const SVG = "http://www.w3.org/2000/svg";
const SCHEMES = ["https:", "tel:", "sms:", "mailto:"];

/** Return an element. A function is a listener (`onclick`); false, null and undefined leave an attribute out. */
export function h<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Record<string, Value> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key.slice(2), value as EventListener);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value != null) element.setAttribute(key, `${value}`);
  }
  element.append(...children.filter((child): child is Node | string => !!child));
  return element;
}

/** Return text that only screen readers find. */
export function unseen(text: string): HTMLElement {
  return h("span", { class: "unseen" }, text);
}

/** Return a decorative icon: strokes on a field of 24 by 24. */
export function icon(path: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const line = svg.appendChild(document.createElementNS(SVG, "path"));
  line.setAttribute("d", path);
  return svg;
}

/** Return an address if its scheme is one of ours, else null. */
export function safeAddress(address: string | null | undefined): string | null {
  try {
    const url = new URL(address ?? "");
    return SCHEMES.includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

/** Return a link, or plain text where the address is not safe. */
export function link(address: string | null | undefined, newTab: string, ...children: Child[]): HTMLElement {
  const href = safeAddress(address);
  if (!href) return h("span", {}, ...children);
  return href.startsWith("https:")
    ? h("a", { href, target: "_blank", rel: "noopener noreferrer" }, ...children, unseen(` (${newTab})`))
    : h("a", { href }, ...children);
}

/** Adopt a stylesheet: needs no style-src, unlike a <style>. */
export function adopt(root: ShadowRoot, css: string): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  return sheet;
}

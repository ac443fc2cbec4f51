// A plain chat: one custom element, no dependency, built with DOM calls only.
const STYLE = `
:host { display: block; }
[role=log] { display: grid; gap: .75rem; margin-block-end: 1rem; }
.said { white-space: pre-wrap; overflow-wrap: anywhere; border-radius: .75rem; padding: .75rem 1rem; background: color-mix(in srgb, currentColor 7%, transparent); }
.you { justify-self: end; background: #14507a; color: #fff; }
.crisis, .error { border: 2px solid #b3261e; }
.choices { display: flex; flex-wrap: wrap; gap: .5rem; }
a { color: LinkText; }
form { display: grid; gap: .5rem; }
textarea, button { font: inherit; min-height: 2.75rem; padding: .5rem .75rem; border-radius: .5rem; border: 1px solid currentColor; }
button { cursor: pointer; }
:focus-visible { outline: 3px solid #1a73e8; outline-offset: 2px; }
.note { font-size: .9rem; }`;

const WORDS = {
  note: "Automated, not a clinician. Answers come from reviewed documents.",
  label: "Your question",
  send: "Send",
  waiting: "Looking …",
  you: "You said: ",
  bot: "Askwell: ",
  failed: "I could not reach the service. Your message is kept below, please try again. In danger call 911. Thinking about suicide? Call or text 988.",
};

function element(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

class AskwellChat extends HTMLElement {
  connectedCallback() {
    this.sender = crypto.randomUUID();
    const root = this.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(STYLE);
    root.adoptedStyleSheets = [sheet];
    this.log = element("div", { tabIndex: 0 });
    this.log.setAttribute("role", "log");
    this.log.setAttribute("aria-label", "Conversation");
    this.status = element("p", { className: "note" });
    this.status.setAttribute("role", "status");
    this.input = element("textarea", { id: "question", rows: 2, maxLength: 2000, required: true });
    const form = element(
      "form", {}, element("label", { htmlFor: "question", textContent: WORDS.label }), this.input,
      element("button", { textContent: WORDS.send }), element("p", { className: "note", textContent: WORDS.note }),
    );
    form.addEventListener("submit", (event) => { event.preventDefault(); this.ask(this.input.value); });
    this.input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
    });
    root.append(this.log, this.status, form);
  }

  async ask(text) {
    if (!text.trim() || this.busy) return;
    this.busy = true;
    this.status.textContent = WORDS.waiting;
    try {
      const response = await fetch("/webhooks/askwell/webhook", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ sender: this.sender, message: text, metadata: { message_id: crypto.randomUUID() } }),
      });
      const [message] = await response.json();
      this.log.append(element("div", { className: "said you" }, hidden(WORDS.you), text));
      this.show(message.custom);
      this.input.value = "";
    } catch {
      this.show({ route: "error", text: WORDS.failed, resources: [], suggestions: [] });
    }
    this.status.textContent = "";
    this.busy = false;
    this.input.focus();
  }

  show(reply) {
    const said = element("div", { className: `said ${reply.route}` }, hidden(WORDS.bot), reply.text);
    const lines = reply.resources.map((one) => element("a", { href: safe(one.href), textContent: `${one.name}: ${one.contact}` }));
    const questions = reply.suggestions.map((text) => {
      const button = element("button", { type: "button", textContent: text });
      button.addEventListener("click", () => this.ask(text));
      return button;
    });
    if (lines.length) said.append(element("p", { className: "choices" }, ...lines));
    this.log.append(said, element("div", { className: "choices" }, ...questions));
    said.scrollIntoView({ block: "start" });
  }
}

function safe(href) {
  return /^(tel|sms|https|mailto):/.test(href) ? href : "#";
}

function hidden(text) {
  const span = element("span", { textContent: text });
  span.style.cssText = "position:absolute;clip-path:inset(50%);width:1px;height:1px;overflow:hidden";
  return span;
}

customElements.define("askwell-chat", AskwellChat);

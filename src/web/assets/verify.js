// The panel that verifies a factor, or the log, in the browser: asks the server, has proof.js compute, shows each step.
//
// An ES module, loaded by the panel of src/web/proof.rs (templates/proof.html), which a page writes with `{{ panel }}`: a
// `ProofPanel::factor(lang, base, shown)` or a `ProofPanel::log(lang, base)`. It holds:
//
//   <section id="proof" data-proof-panel data-kind="factor|log" data-module="/assets/proof-….js"
//       data-proof="/datasets/…/releases/…/proof/…"                 (factor) the proof, as GET /v1/log/proof gives it
//       data-dataset data-version data-key data-digest data-value  (factor) what the page shows, held against what is proved
//       data-checkpoint="/log/checkpoint" data-keys="/log/key" data-consistency="/v1/log/consistency" data-tiles="/log/tile/">
//     <form hidden> <p data-memory> <textarea name="keys"> <textarea name="checkpoint"> <button type="submit"> <button name="forget"> </form>
//     <p role="status"> <ol class="proof-steps">
//     <template class="proof-texts"> one <p data-text="…">words with {slots}</p> for each thing to say, in the page's language
//
// Afterwards the section has data-verdict, and each <li data-step> its data-state: holds, warns, idle, open or fails.

const MEMORY = "tanyin.log";

/** Said in place of what could not be asked or read. */
const refuse = (text, slots = {}) => {
  throw Object.assign(new Error(text), { text, slots });
};

async function ask(address, read) {
  let answer;
  try {
    answer = await fetch(address, { headers: { Accept: "*/*" }, cache: "no-cache" });
  } catch {
    refuse("unreachable", { address });
  }
  return answer.ok ? read(answer) : refuse("unreachable", { address: `${address} (${answer.status})` });
}

const tilePath = (index) => {
  const groups = String(index).padStart(Math.ceil(String(index).length / 3) * 3, "0").match(/.../g);
  return groups.map((group, place) => (place < groups.length - 1 ? `x${group}` : group)).join("/");
};

function remembered() {
  try {
    return JSON.parse(localStorage.getItem(MEMORY)) ?? null;
  } catch {
    return null;
  }
}

class Panel {
  constructor(section) {
    this.section = section;
    this.data = section.dataset;
    this.form = section.querySelector("form");
    this.status = section.querySelector("[role=status]");
    this.list = section.querySelector(".proof-steps");
    const texts = section.querySelector("template.proof-texts").content;
    this.texts = new Map(Array.from(texts.querySelectorAll("[data-text]"), (node) => [node.dataset.text, node.textContent]));
    this.form.hidden = false;
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    this.form.elements.forget.addEventListener("click", () => {
      localStorage.removeItem(MEMORY);
      this.showMemory();
      this.say(this.status, "forgotten");
    });
    this.showMemory();
    if (location.hash === "#verify") this.run();
  }

  /** Fills a node with a text; what stands in a slot is data, and set apart as such. */
  say(node, name, slots = {}) {
    const text = this.texts.get(name) ?? name;
    node.replaceChildren(
      ...text.split(/(\{\w+\})/).map((part) => {
        if (!/^\{\w+\}$/.test(part)) return part;
        const code = document.createElement("code");
        code.dir = "auto";
        code.textContent = slots[part.slice(1, -1)] ?? "";
        return code;
      }),
    );
    return node;
  }

  made(tag, className, name, slots) {
    const node = document.createElement(tag);
    node.className = className;
    return name ? this.say(node, name, slots) : node;
  }

  showMemory() {
    const memory = remembered();
    const node = this.form.querySelector("[data-memory]");
    if (memory) this.say(node, "memory", { since: memory.since, size: memory.size, origin: memory.origin });
    else this.say(node, "memory-none");
    this.form.elements.forget.hidden = !memory;
  }

  tell(step) {
    const item = this.made("li", `proof-step ${step.state}`);
    item.dataset.step = step.name;
    item.dataset.state = step.state;
    const head = this.made("p", "proof-head");
    head.append(this.made("span", "proof-mark", `state-${step.state}`), " ", this.made("strong", "", `step-${step.name}`));
    item.append(head, this.made("p", "proof-found", step.text, step.slots));
    for (const text of step.more ?? []) item.append(this.made("p", "proof-found", text, step.slots));
    if (step.trace?.length > 0) {
      const details = document.createElement("details");
      const pre = document.createElement("pre");
      pre.textContent = step.trace.join("\n");
      pre.tabIndex = 0;
      details.append(this.made("summary", "", "computed"), pre);
      item.append(details);
    }
    this.list.append(item);
  }

  async trust() {
    const given = this.form.elements.keys.value;
    const memory = remembered();
    if (given.trim() !== "") return { from: "given", keys: await this.proof.parseKeys(given) };
    if (memory) return { from: memory.compared ? "remembered" : "remembered-first", since: memory.since, keys: await this.proof.parseKeys(memory.keys.join("\n")) };
    const [first] = await this.proof.parseKeys(await ask(this.data.keys, (answer) => answer.text()));
    return { from: "first", keys: first ? [first] : [] };
  }

  /** What the log is held against: a checkpoint that was pasted, and the one that was seen here before. */
  earlier() {
    const given = this.form.elements.checkpoint.value.replace(/\r\n/g, "\n").trim();
    const memory = remembered();
    return [given === "" ? null : { from: "given", text: `${given}\n` }, memory && { from: "remembered", text: memory.note, since: memory.since }].filter(Boolean);
  }

  async entries(count) {
    if (count > this.proof.MOST_LEAVES) return null;
    const entries = [];
    for (let index = 0; index * 256 < count; index += 1) {
      const width = Math.min(256, count - index * 256);
      const address = `${this.data.tiles}entries/${tilePath(index)}${width < 256 ? `.p/${width}` : ""}`;
      entries.push(...this.proof.bundleEntries(await ask(address, async (answer) => new Uint8Array(await answer.arrayBuffer())), width));
    }
    return entries;
  }

  async run() {
    const button = this.form.querySelector("[type=submit]");
    button.disabled = true;
    this.list.replaceChildren();
    this.section.dataset.verdict = "";
    this.section.setAttribute("aria-busy", "true");
    this.say(this.status, "checking");
    let verdict, slots;
    try {
      if (!globalThis.crypto?.subtle) refuse("no-webcrypto");
      this.proof = await import(this.data.module);
      const trust = await this.trust();
      const whole = this.data.kind === "factor";
      const { dataset, version, key, digest, value } = this.data;
      const { failed, ...proved } = await this.proof.prove(
        {
          proof: whole ? await ask(this.data.proof, (answer) => answer.json()) : null,
          note: whole ? null : await ask(this.data.checkpoint, (answer) => answer.text()),
          shown: whole ? { dataset, version, key, digest, value: value ?? null } : null,
          trust,
          earlier: this.earlier(),
          consistency: (from, to) => ask(`${this.data.consistency}?from=${from}&to=${to}`, async (answer) => (await answer.json()).proof),
          entries: (count) => this.entries(count),
        },
        (step) => this.tell(step),
      );
      verdict = proved.verdict;
      slots = { steps: failed.map((name) => this.texts.get(`step-${name}`)).join(" · "), since: trust.since ?? "" };
      if (failed.length === 0 && verdict !== "verdict-unchecked") this.remember(proved, trust);
    } catch (error) {
      verdict = error?.text ? error.text : "unreadable";
      slots = error?.text ? error.slots : { why: String(error?.message ?? error) };
    }
    this.section.dataset.verdict = verdict;
    this.say(this.status, verdict, slots);
    this.section.removeAttribute("aria-busy");
    button.disabled = false;
  }

  /** Keeps the newest checkpoint and the keys that are believed: the next visit is held against them. */
  remember(proved, trust) {
    const { origin, size } = this.proof.parseCheckpoint(this.proof.parseNote(proved.note).text);
    const since = remembered()?.since ?? new Date().toISOString().replace(/\.\d+Z$/, "Z");
    const keys = [...new Set([...trust.keys.map((key) => key.text), ...proved.keys])];
    const compared = trust.from === "given" || trust.from === "remembered";
    try {
      localStorage.setItem(MEMORY, JSON.stringify({ origin, size, since, compared, keys, note: proved.note }));
    } catch {
      return; // a browser that keeps nothing: the next visit is a first one
    }
    this.showMemory();
  }
}

for (const section of document.querySelectorAll("[data-proof-panel]")) new Panel(section);

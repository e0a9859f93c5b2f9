// Proofs checked with WebCrypto alone: line -> manifest -> leaf -> checkpoint -> key, and that the log only grew.
//
// Nothing that a server says is believed for itself: each step computes, and what does not hold is named. Nothing here knows a
// page: verify.js asks the server and shows the steps. Formats: C2SP signed-note, tlog-checkpoint, tlog-cosignature,
// tlog-proof, tlog-tiles; RFC 6962 and 9162 (trees), 8785 (canonical JSON), 8032 (Ed25519).

export const MOST_LEAVES = 4096;
const encoder = new TextEncoder();

/** A check that does not hold, or a text that is not of its form: `text` names what to say, `slots` fill it. */
export class Refusal extends Error {
  constructor(text, slots = {}) {
    super(`${text} ${JSON.stringify(slots)}`);
    Object.assign(this, { text, slots });
  }
}

const refuse = (text, slots) => {
  throw new Refusal(text, slots);
};

// Bytes.

export const utf8 = (text) => encoder.encode(text);
export const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const equal = (a, b) => a.length === b.length && a.every((byte, place) => byte === b[place]);

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  parts.reduce((place, part) => (all.set(part, place), place + part.length), 0);
  return all;
}

/** Padded standard base64, in its one right form. */
export function base64(text) {
  const bytes = /^[A-Za-z0-9+/]*={0,2}$/.test(text) && text.length % 4 === 0 ? Uint8Array.from(atob(text), (c) => c.charCodeAt(0)) : null;
  return bytes && toBase64(bytes) === text ? bytes : refuse("not-base64", { found: text });
}
export const toBase64 = (bytes) => btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));

const unhex = (text) => Uint8Array.from(text.match(/../g) ?? [], (byte) => parseInt(byte, 16));

function hashOf(text) {
  const bytes = base64(text);
  return bytes.length === 32 ? bytes : refuse("not-base64", { found: text });
}

export function digestOf(text) {
  return /^sha256:[0-9a-f]{64}$/.test(text) ? unhex(text.slice(7)) : refuse("not-digest", { found: String(text) });
}

function size(text) {
  const number = /^(0|[1-9][0-9]*)$/.test(text ?? "") ? Number(text) : -1;
  return Number.isSafeInteger(number) && number >= 0 ? number : refuse("not-size", { found: String(text) });
}

/** What RFC 8785 writes for a value; a text is canonical if it is what its own value gives. */
export function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

function object(text, what) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    refuse("not-canonical", { what });
  }
  const sound = value !== null && typeof value === "object" && !Array.isArray(value) && canonical(value) === text;
  return sound ? value : refuse("not-canonical", { what });
}

// Hashes and trees.

export const sha256 = async (bytes) => new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
export const leafHash = (data) => sha256(joined([0], data));
export const nodeHash = (left, right) => sha256(joined([1], left, right));

/** The root that a leaf and its audit path lead to (RFC 9162, 2.1.3.2); `trace` is told each hash. */
export async function inclusionRoot(index, count, leaf, path, trace = () => {}) {
  if (index >= count) refuse("outside", { index, size: count });
  let [own, last, root] = [index, count - 1, leaf];
  for (const sibling of path) {
    if (last === 0) refuse("path-length", { found: path.length });
    if (own % 2 === 1 || own === last) {
      root = await nodeHash(sibling, root);
      trace(`SHA-256(01 ‖ ${hex(sibling)} ‖ ·) = ${hex(root)}`);
      while (own % 2 === 0 && own !== 0) [own, last] = [Math.floor(own / 2), Math.floor(last / 2)];
    } else {
      root = await nodeHash(root, sibling);
      trace(`SHA-256(01 ‖ · ‖ ${hex(sibling)}) = ${hex(root)}`);
    }
    [own, last] = [Math.floor(own / 2), Math.floor(last / 2)];
  }
  return last === 0 ? root : refuse("path-length", { found: path.length });
}

/** The two roots that a consistency proof leads to (RFC 9162, 2.1.4.2). */
export async function grownRoots(older, newer, oldRoot, proof) {
  if (older === newer) return proof.length === 0 ? [oldRoot, oldRoot] : refuse("path-length", { found: proof.length });
  const path = Number.isInteger(Math.log2(older)) ? [oldRoot, ...proof] : proof;
  if (path.length === 0) refuse("path-length", { found: 0 });
  let [own, last, was, is] = [older - 1, newer - 1, path[0], path[0]];
  while (own % 2 === 1) [own, last] = [Math.floor(own / 2), Math.floor(last / 2)];
  for (const hash of path.slice(1)) {
    if (last === 0) refuse("path-length", { found: proof.length });
    if (own % 2 === 1 || own === last) {
      [was, is] = [await nodeHash(hash, was), await nodeHash(hash, is)];
      while (own % 2 === 0 && own !== 0) [own, last] = [Math.floor(own / 2), Math.floor(last / 2)];
    } else {
      is = await nodeHash(is, hash);
    }
    [own, last] = [Math.floor(own / 2), Math.floor(last / 2)];
  }
  return last === 0 ? [was, is] : refuse("path-length", { found: proof.length });
}

/** The root over leaves in order (RFC 6962, 2.1). */
export async function treeRoot(leaves) {
  const edges = [];
  let count = 0;
  for (const leaf of leaves) {
    let hash = await leafHash(leaf);
    for (let rest = count; rest % 2 === 1; rest = Math.floor(rest / 2)) hash = await nodeHash(edges.pop(), hash);
    edges.push(hash);
    count += 1;
  }
  if (count === 0) return sha256(new Uint8Array());
  let root = edges.pop();
  while (edges.length > 0) root = await nodeHash(edges.pop(), root);
  return root;
}

/** The entries of a bundle (C2SP tlog-tiles): each behind its length, two bytes. */
export function bundleEntries(bytes, width) {
  const entries = [];
  let place = 0;
  while (entries.length < width) {
    const length = bytes[place] * 256 + bytes[place + 1];
    if (!(place + 2 + length <= bytes.length)) refuse("bundle");
    entries.push(bytes.slice(place + 2, place + 2 + length));
    place += 2 + length;
  }
  return place === bytes.length ? entries : refuse("bundle");
}

// Notes, keys, signatures.

/** A verifier key, `name+id+base64(type ‖ key)`, whose id is that of its name and key. */
export async function parseKey(text) {
  const [name, id, ...rest] = text.trim().split("+");
  if (!name || !/^[0-9a-f]{8}$/.test(id ?? "") || rest.length === 0) refuse("not-key", { found: text });
  const encoded = base64(rest.join("+"));
  const kind = encoded[0];
  if (encoded.length !== 33 || (kind !== 1 && kind !== 4)) refuse("not-key", { found: text });
  const computed = hex((await sha256(joined(utf8(`${name}\n`), encoded))).slice(0, 4));
  if (computed !== id) refuse("key-id", { found: text, id: computed });
  return { name, id, kind, bytes: encoded.slice(1), text: text.trim() };
}

export async function parseKeys(text) {
  const keys = [];
  for (const line of text.split("\n").filter((line) => line.trim() !== "")) keys.push(await parseKey(line));
  return keys;
}

/** A signed note: its text, and its lines of signatures. */
export function parseNote(note) {
  if (typeof note !== "string" || note.length > 65536 || !note.endsWith("\n") || /[\u0000-\u0009\u000b-\u001f]/.test(note)) refuse("not-note");
  const split = note.lastIndexOf("\n\n");
  if (split < 0) refuse("not-note");
  const signatures = note.slice(split + 2).split("\n").slice(0, -1).map((line) => {
    const [, name, encoded] = /^\u2014 (\S+) (\S+)$/.exec(line) ?? refuse("not-note");
    const bytes = base64(encoded);
    return bytes.length > 4 ? { name, id: hex(bytes.slice(0, 4)), payload: bytes.slice(4) } : refuse("not-note");
  });
  return signatures.length > 0 && signatures.length <= 64 ? { text: note.slice(0, split + 1), signatures } : refuse("not-note");
}

/** Origin, size and root: the text of a checkpoint's note. */
export function parseCheckpoint(text) {
  const lines = text.split("\n");
  const sound = lines.pop() === "" && lines.length >= 3 && lines.every((line) => line !== "");
  return sound ? { origin: lines[0], size: size(lines[1]), root: hashOf(lines[2]) } : refuse("not-checkpoint");
}

async function signed(key, message, signature) {
  try {
    const imported = await crypto.subtle.importKey("raw", key.bytes, { name: "Ed25519" }, false, ["verify"]);
    return await crypto.subtle.verify({ name: "Ed25519" }, imported, signature, utf8(message));
  } catch (error) {
    return error?.name === "NotSupportedError" || error?.name === "TypeError" ? refuse("no-ed25519") : false;
  }
}

/** The keys that signed a note, each with its time where it is a witness's; one wrong signature of a known key refuses the note. */
export async function signersOf(note, keys) {
  const found = [];
  for (const line of note.signatures) {
    const key = keys.find((key) => key.name === line.name && key.id === line.id);
    if (!key) continue;
    const seen = key.kind === 4 ? new DataView(line.payload.buffer, line.payload.byteOffset).getBigUint64(0) : null;
    const message = seen === null ? note.text : `cosignature/v1\ntime ${seen}\n${note.text}`;
    if (!(await signed(key, message, seen === null ? line.payload : line.payload.slice(8)))) refuse("wrong-signature", { name: key.name, id: key.id });
    found.push({ key, time: seen === null ? null : new Date(Number(seen) * 1000).toISOString() });
  }
  return found;
}

/** A tlog-proof: the leaf as its extra data, index, path and the checkpoint's note. */
export function parseLogProof(text) {
  const split = typeof text === "string" ? text.indexOf("\n\n") : -1;
  const [head, ...lines] = split < 0 ? [] : text.slice(0, split).split("\n");
  const leaf = lines[0]?.startsWith("extra ") ? base64(lines.shift().slice(6)) : new Uint8Array();
  const [index, ...path] = lines;
  if (head !== "c2sp.org/tlog-proof@v1" || !index?.startsWith("index ") || path.length > 63) refuse("not-proof");
  return { leaf, index: size(index.slice(6)), path: path.map(hashOf), note: text.slice(split + 2) };
}

// The steps. Each gives { text, slots, trace, state }, or throws what does not hold.

const shortest = (time) => time.replace(/\.\d+Z$/, "Z");

/** line -> digest: the line's bytes have the digest, key and value that the page shows. */
export async function checkLine(proof, shown) {
  const line = proof.factor?.line;
  if (typeof line !== "string") refuse("not-proof");
  const bytes = utf8(line);
  const digest = `sha256:${hex(await sha256(bytes))}`;
  if (digest !== shown.digest) refuse("line-digest", { computed: digest, shown: shown.digest });
  const factor = object(line, "line");
  if (factor.key !== shown.key) refuse("line-key", { found: String(factor.key), shown: shown.key });
  const value = factor.value ?? null;
  if (shown.value !== null && value !== shown.value) refuse("line-value", { found: String(value), shown: shown.value });
  return { text: value === null ? "line-holds" : "line-value-holds", slots: { bytes: bytes.length, digest, value: value ?? "" }, trace: [line, `SHA-256 = ${digest.slice(7)}`] };
}

/** line -> manifest: line and path give the root that the manifest names. */
export async function checkRoot(proof) {
  const { line, salt, index, size: count, inclusion } = proof.factor;
  const manifest = object(proof.manifest, "manifest.json");
  const root = digestOf(manifest.root);
  if (count !== manifest.factors) refuse("root-size", { found: count, needed: manifest.factors });
  if ((salt !== undefined) !== (manifest.sealed === true)) refuse("salt");
  const trace = [];
  const leaf = await leafHash(joined(unhex(salt ?? ""), utf8(line)));
  trace.push(`SHA-256(00 ‖ ${salt ? "salt ‖ " : ""}line) = ${hex(leaf)}`);
  const computed = await inclusionRoot(index, count, leaf, inclusion.map(hashOf), (hash) => trace.push(hash));
  if (!equal(computed, root)) refuse("root", { computed: hex(computed), needed: hex(root) });
  return { text: "root-holds", slots: { index: index + 1, size: count, hashes: inclusion.length, root: hex(root) }, trace };
}

/** manifest -> leaf: the leaf tells of this release and names this manifest. */
export async function checkManifest(proof, shown) {
  const manifest = object(proof.manifest, "manifest.json");
  const release = `${shown.dataset}@${shown.version}`;
  if (`${manifest.dataset}@${manifest.version}` !== release) refuse("manifest-release", { found: `${manifest.dataset}@${manifest.version}`, needed: release });
  const leaf = new TextDecoder("utf-8", { fatal: false }).decode(parseLogProof(proof.proof).leaf);
  const fact = object(leaf, "leaf");
  if (`${fact.dataset}@${fact.version}` !== release || !["release", "sealed"].includes(fact.kind)) refuse("leaf-release", { found: leaf, needed: release });
  if ((fact.kind === "sealed") !== (proof.salt !== undefined)) refuse("salt");
  const computed = `sha256:${hex(await sha256(joined(unhex(proof.salt ?? ""), utf8(proof.manifest))))}`;
  const named = fact.kind === "sealed" ? fact.salted_manifest : fact.manifest;
  if (computed !== named) refuse("manifest-digest", { computed, needed: String(named) });
  return { text: "manifest-holds", slots: { digest: computed, release, at: String(fact.at) }, trace: [`SHA-256(${proof.salt ? "salt ‖ " : ""}manifest.json) = ${computed.slice(7)}`, leaf] };
}

/** leaf -> checkpoint: leaf and path give the checkpoint's root. */
export async function checkLeaf(proof) {
  const { leaf, index, path, note } = parseLogProof(proof.proof);
  const checkpoint = parseCheckpoint(parseNote(note).text);
  const trace = [];
  const hash = await leafHash(leaf);
  trace.push(`SHA-256(00 ‖ leaf) = ${hex(hash)}`);
  const computed = await inclusionRoot(index, checkpoint.size, hash, path, (step) => trace.push(step));
  if (!equal(computed, checkpoint.root)) refuse("leaf-root", { computed: toBase64(computed), needed: toBase64(checkpoint.root) });
  return { text: "leaf-holds", slots: { index, size: checkpoint.size, hashes: path.length, root: toBase64(computed) }, trace };
}

/** checkpoint -> key: a believed key of the log's own name signed it; witnesses beside it. */
export async function checkKey(text, trust) {
  const note = parseNote(text);
  const { origin, size: count } = parseCheckpoint(note.text);
  const found = await signersOf(note, trust.keys);
  const own = found.filter(({ key }) => key.kind === 1 && key.name === origin);
  const signedBy = note.signatures.map((line) => `${line.name}+${line.id}`);
  if (own.length === 0) {
    const believed = trust.keys.map((key) => `${key.name}+${key.id}`).join(", ");
    refuse(trust.from.startsWith("remembered") ? "key-other" : "key-unknown", { signed: signedBy.join(", "), believed, since: trust.since ?? "" });
  }
  const seen = found.filter(({ time }) => time !== null);
  const unknown = signedBy.filter((id) => !found.some(({ key }) => `${key.name}+${key.id}` === id));
  const trace = [...note.text.trimEnd().split("\n"), ...own.map(({ key }) => `Ed25519 ✓ ${key.text}`), ...seen.map(({ key, time }) => `Ed25519 ✓ ${key.text} ${shortest(time)}`), ...unknown.map((id) => `– ${id}`)];
  const slots = { key: own.map(({ key }) => key.text).join(", "), origin, size: count, since: trust.since ?? "", witnesses: seen.length, unknown: unknown.length };
  return { text: `key-${trust.from}`, state: trust.from === "first" ? "warns" : "holds", slots, trace, signers: own.map(({ key }) => key.text), more: [seen.length > 0 ? "witnesses" : "no-witness", unknown.length > 0 ? "not-looked-at" : null].filter(Boolean) };
}

/** earlier checkpoint -> this one: the log only grew. `ask(from, to)` gives the hashes of the consistency proof. */
export async function checkGrowth(text, earlier, trust, ask) {
  if (!earlier) return { text: "growth-first", state: "idle" };
  const now = parseCheckpoint(parseNote(text).text);
  const signedNote = earlier.text.includes("\n\n");
  const old = parseCheckpoint(signedNote ? parseNote(earlier.text).text : `${earlier.text.trimEnd()}\n`);
  if (signedNote && earlier.from === "given") {
    const found = await signersOf(parseNote(earlier.text), trust.keys);
    if (!found.some(({ key }) => key.kind === 1 && key.name === old.origin)) refuse("earlier-key", {});
  }
  const slots = { old: old.size, new: now.size, root: toBase64(old.root), since: earlier.since ?? "" };
  if (old.origin !== now.origin) refuse("growth-origin", { old: old.origin, new: now.origin });
  if (old.size === 0) return { text: "growth-first", state: "idle" };
  if (old.size > now.size) refuse("growth-shrunk", slots);
  const proof = old.size === now.size ? [] : (await ask(old.size, now.size)).map(hashOf);
  const [was, is] = await grownRoots(old.size, now.size, old.root, proof);
  if (!equal(was, old.root) || !equal(is, now.root)) refuse("growth-fork", slots);
  const trace = [`${old.size}: ${toBase64(old.root)}`, ...proof.map((hash) => `  ${toBase64(hash)}`), `${now.size}: ${toBase64(now.root)}`];
  return { text: old.size === now.size ? `growth-same-${earlier.from}` : `growth-${earlier.from}`, slots, trace };
}

/** manifest -> reviewers: as many of the keys that the manifest names signed its digest as it wants. */
export async function checkReviewers(proof) {
  const { approvals, dataset, version } = object(proof.manifest, "manifest.json");
  const required = approvals?.required ?? 0;
  if (required === 0) return { text: "reviewers-none", state: "idle" };
  if (!approvals.keys?.length) return { text: "reviewers-names", state: "idle", slots: { required } };
  const note = parseNote(proof.approvals ?? refuse("reviewers", { required, found: 0 }));
  const digest = `sha256:${hex(await sha256(utf8(proof.manifest)))}`;
  if (note.text !== `emission-factor approval v1\n${dataset}\n${version}\n${digest}\n`) refuse("reviewers-text", { found: note.text });
  const keys = [];
  for (const key of approvals.keys) keys.push(await parseKey(key));
  const found = new Map((await signersOf(note, keys)).map(({ key }) => [hex(key.bytes), key.text]));
  if (found.size < required) refuse("reviewers", { required, found: found.size });
  return { text: "reviewers-holds", slots: { required, found: found.size }, trace: [...note.text.trimEnd().split("\n"), ...found.values()] };
}

/** all leaves -> checkpoint: the log is what its checkpoint says, and tells nothing against this release. */
export async function checkFacts(text, entries, shown) {
  const checkpoint = parseCheckpoint(parseNote(text).text);
  if (entries === null) return { text: "facts-long", state: "open", slots: { size: checkpoint.size, most: MOST_LEAVES } };
  const root = await treeRoot(entries);
  if (entries.length !== checkpoint.size || !equal(root, checkpoint.root)) refuse("facts-root", { computed: toBase64(root), needed: toBase64(checkpoint.root) });
  const leaves = entries.map((entry) => new TextDecoder().decode(entry));
  const facts = leaves.map((leaf) => object(leaf, "leaf"));
  const strange = facts.findIndex((fact) => fact.format !== "1" || !["release", "sealed", "withdraw", "restore", "supersede", "key", "flag", "unflag"].includes(fact.kind));
  if (strange >= 0) refuse("facts-strange", { leaf: leaves[strange] });
  const keys = facts.filter((fact) => fact.kind === "key").map((fact) => fact.key);
  if (keys.length > 0 && (await signersOf(parseNote(text), [await parseKey(keys.at(-1))])).length === 0) refuse("facts-key", { key: keys.at(-1) });
  const made = facts.filter((fact) => ["release", "sealed"].includes(fact.kind)).map((fact) => `${fact.dataset}@${fact.version}`);
  const twice = made.find((release, place) => made.indexOf(release) !== place);
  if (twice) refuse("facts-twice", { release: twice });
  const slots = { size: entries.length, root: toBase64(root), releases: made.length };
  const own = facts.filter((fact) => shown && fact.dataset === shown.dataset && fact.version === shown.version);
  const last = own.filter((fact) => ["withdraw", "restore"].includes(fact.kind)).at(-1);
  const superseded = own.filter((fact) => fact.kind === "supersede").at(-1);
  const told = { keys, trace: shown ? own.map(canonical) : leaves };
  if (last?.kind === "withdraw") return { text: "facts-withdrawn", state: "warns", slots: { ...slots, at: last.at, reason: last.reason }, ...told };
  if (superseded) return { text: "facts-superseded", state: "warns", slots: { ...slots, at: superseded.at, by: superseded.by, reason: superseded.reason }, ...told };
  return { text: shown ? "facts-holds" : "facts-log", slots, ...told };
}

/**
 * All steps in order, each looked at whatever became of the others. `given` holds what was read:
 * `proof` (none for the log alone), `note`, `shown`, `trust`, `earlier` (checkpoints to hold it against), and the functions `consistency` and `entries`.
 */
export async function prove(given, tell = () => {}) {
  const { proof, shown, trust, earlier } = given;
  let note = given.note;
  const steps = [];
  const step = async (name, check) => {
    let found;
    try {
      found = await check();
    } catch (error) {
      const open = ["no-ed25519", "unreachable"].includes(error?.text);
      found = { state: open ? "open" : "fails", text: error?.text ?? "unreadable", slots: error?.slots ?? { why: String(error?.message ?? error) }, unchecked: open };
    }
    const told = { name, state: "holds", slots: {}, trace: [], ...found };
    steps.push(told);
    await tell(told);
    return told;
  };
  if (proof) {
    await step("line", () => checkLine(proof, shown));
    await step("root", () => checkRoot(proof));
    await step("manifest", () => checkManifest(proof, shown));
    await step("leaf", () => checkLeaf(proof));
    try {
      note = parseLogProof(proof.proof).note;
    } catch {
      note = null; // said by the steps above, and again by those below
    }
  }
  const key = await step("key", () => checkKey(note, trust));
  for (const old of earlier.length > 0 ? earlier : [null]) await step("growth", () => checkGrowth(note, old, trust, given.consistency));
  const facts = await step("facts", async () => checkFacts(note, await given.entries(parseCheckpoint(parseNote(note).text).size), shown));
  if (proof) await step("reviewers", () => checkReviewers(proof));
  const failed = steps.filter((step) => step.state === "fails").map((step) => step.name);
  const unchecked = steps.some((step) => step.unchecked);
  const verdict = failed.length > 0 ? "verdict-fails" : unchecked ? "verdict-unchecked" : `verdict-${trust.from}`;
  return { steps, failed, verdict, note, keys: [...(key.signers ?? []), ...(facts.keys ?? [])] };
}

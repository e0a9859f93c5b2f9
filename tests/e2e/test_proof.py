"""proof.js in Chromium: the vectors that other programs computed, and a flipped character anywhere in a real proof."""

import json
from functools import partial
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
VECTORS = json.loads((ROOT / "tests/vectors/tlog.json").read_text())
pytestmark = pytest.mark.xdist_group("proof")
SHOWN = {"dataset": "cn-electricity-co2", "version": "1.2.0", "key": "grid-average/cn-zj/2022", "value": "0.5153"}


def fulfill(kind, body, route):
    route.fulfill(content_type=kind, body=body)


@pytest.fixture(scope="module")
def bench(site, chromium):
    """A page of the server's origin that holds proof.js as `p`, and nothing else."""
    context = chromium.new_context()
    page = context.new_page()
    files = {"/bench": ("text/html", "<!doctype html><title>bench</title>"), "/proof.js": ("text/javascript", (ROOT / "src/web/assets/proof.js").read_text())}
    for path, (kind, body) in files.items():
        page.route(site.url + path, partial(fulfill, kind, body))
    page.goto(site.url + "/bench")
    page.evaluate("async () => { window.p = await import('/proof.js'); }")
    yield page
    context.close()


def test_trees_of_other_programs(bench):
    vectors = {name: VECTORS[name] for name in ("leaves", "leaf_hashes", "roots", "inclusion_of_3_in_7", "consistency_3_to_7")}
    found = bench.evaluate(
        """async (v) => {
          const leaves = v.leaves.map(p.utf8), roots = [];
          for (let n = 0; n <= leaves.length; n += 1) roots.push(p.hex(await p.treeRoot(leaves.slice(0, n))));
          const hashes = [];
          for (const leaf of leaves) hashes.push(p.hex(await p.leafHash(leaf)));
          const leaf = await p.leafHash(leaves[3]);
          const included = p.hex(await p.inclusionRoot(3, 7, leaf, v.inclusion_of_3_in_7.map(p.base64)));
          const old = await p.treeRoot(leaves.slice(0, 3));
          const grown = (await p.grownRoots(3, 7, old, v.consistency_3_to_7.map(p.base64))).map(p.hex);
          return { roots, hashes, included, grown };
        }""",
        vectors,
    )
    assert found["roots"] == VECTORS["roots"] and found["hashes"] == VECTORS["leaf_hashes"]
    assert found["included"] == VECTORS["roots"][7] and found["grown"] == [VECTORS["roots"][3], VECTORS["roots"][7]]


def test_a_tree_of_six_hundred(bench):
    tree = VECTORS["tree_600"]
    found = bench.evaluate(
        """async (tree) => {
          const bytes = (text) => Uint8Array.from(text.match(/../g), (b) => parseInt(b, 16));
          const leaves = Array.from({ length: 600 }, (_, n) => p.utf8(`entry ${n}`));
          const last = await p.leafHash(leaves[599]);
          return [
            p.hex(await p.treeRoot(leaves)),
            p.hex(await p.inclusionRoot(599, 600, last, tree.inclusion_599.map(bytes))),
            ...(await p.grownRoots(256, 600, bytes(tree.root_256), tree.consistency_256_600.map(bytes))).map(p.hex),
          ];
        }""",
        tree,
    )
    assert found == [tree["root"], tree["root"], tree["root_256"], tree["root"]]


def test_signatures_of_other_programs(bench):
    found = bench.evaluate(
        """async (v) => {
          const keys = await p.parseKeys(`${v.log_vkey}\\n${v.witness_vkey}`);
          const names = async (note) => (await p.signersOf(p.parseNote(note), keys)).map(({ key, time }) => [key.name, time !== null]);
          const proof = p.parseLogProof(v.tlog_proof_3);
          return { plain: await names(v.checkpoint_7), cosigned: await names(v.checkpoint_7_cosigned), index: proof.index, size: p.parseCheckpoint(p.parseNote(proof.note).text).size };
        }""",
        {name: VECTORS[name] for name in ("log_vkey", "witness_vkey", "checkpoint_7", "checkpoint_7_cosigned", "tlog_proof_3")},
    )
    log, witness = [VECTORS["origin"], False], [VECTORS["witness_name"], True]
    assert found == {"plain": [log], "cosigned": [log, witness], "index": 3, "size": 7}


PROVE = """async ({ shown, changes }) => {
  const get = async (path, read = 'json') => (await fetch(path))[read]();
  const query = new URLSearchParams({ dataset: shown.dataset, version: shown.version, key: shown.key });
  const proof = await get(`/v1/log/proof?${query}`);
  const keys = await get('/log/key', 'text');
  const note = p.parseLogProof(proof.proof).note;
  const size = p.parseCheckpoint(p.parseNote(note).text).size;
  const bundle = new Uint8Array(await get(`/log/tile/entries/000.p/${size}`, 'arrayBuffer'));
  const entries = p.bundleEntries(bundle, size);
  const old = 3;
  const kept = `${p.parseCheckpoint(p.parseNote(note).text).origin}\\n${old}\\n${p.toBase64(await p.treeRoot(entries.slice(0, old)))}\\n`;
  const grown = (await get(`/v1/log/consistency?from=${old}&to=${size}`)).proof;
  const flip = (text, place) => text.slice(0, place) + String.fromCharCode(text.charCodeAt(place) ^ 1) + text.slice(place + 1);
  const run = (change) => p.prove({
    proof: change.proof ?? proof, shown: { ...shown, digest: proof.factor.digest, ...change.shown }, trust: { from: 'given', keys: change.keys },
    earlier: [{ from: 'given', text: change.kept ?? kept }], consistency: async () => change.grown ?? grown, entries: async () => change.entries ?? entries,
  });
  const sound = await p.parseKeys(keys);
  const whole = await run({ keys: sound });
  const missed = [];
  let cases = 0;
  const expect = async (what, step, change) => {
    cases += 1;
    const found = await run({ keys: sound, ...change });
    if (!found.failed.includes(step) || found.verdict !== 'verdict-fails') missed.push(`${what}: ${found.failed.join(',') || 'nothing'} fails, not ${step}`);
  };
  const every = async (text, step, make, by = 1) => {
    for (let place = 0; place < text.length; place += by) await expect(`${step} ${place}: ${text.slice(place, place + 20)}`, typeof step === 'function' ? step(place) : step, make(flip(text, place)));
  };
  await every(proof.factor.line, 'line', (line) => ({ proof: { ...proof, factor: { ...proof.factor, line } } }), 3);
  await every(proof.manifest, 'manifest', (manifest) => ({ proof: { ...proof, manifest } }), 11);
  for (let n = 0; n < proof.factor.inclusion.length; n += 1) {
    await every(proof.factor.inclusion[n], 'root', (hash) => ({ proof: { ...proof, factor: { ...proof.factor, inclusion: proof.factor.inclusion.with(n, hash) } } }), 3);
  }
  const signed = proof.proof.indexOf('\\n\\n') + 2;
  await every(proof.proof, (place) => (place < signed ? 'leaf' : 'key'), (text) => ({ proof: { ...proof, proof: text } }), 1);
  for (let n = 0; n < grown.length; n += 1) await every(grown[n], 'growth', (hash) => ({ grown: grown.with(n, hash) }), 3);
  await every(kept.trimEnd(), 'growth', (text) => ({ kept: text })); // space at the end of what is pasted is not looked at
  for (let n = 0; n < entries.length; n += 1) {
    for (let place = 0; place < entries[n].length; place += 17) {
      await expect(`entry ${n} ${place}`, 'facts', { entries: entries.with(n, entries[n].with(place, entries[n][place] ^ 1)) });
    }
  }
  await expect('a leaf too few', 'facts', { entries: entries.slice(1) });
  await expect('an index beside', 'root', { proof: { ...proof, factor: { ...proof.factor, index: proof.factor.index ^ 1 } } });
  await expect('a shorter path', 'root', { proof: { ...proof, factor: { ...proof.factor, inclusion: proof.factor.inclusion.slice(1) } } });
  await expect('a longer path', 'root', { proof: { ...proof, factor: { ...proof.factor, inclusion: [...proof.factor.inclusion, proof.factor.inclusion[0]] } } });
  await expect('another digest on the page', 'line', { shown: { digest: `sha256:${'0'.repeat(64)}` } });
  await expect('another value on the page', 'line', { shown: { value: '0.5154' } });
  await expect('another key on the page', 'line', { shown: { key: 'grid-average/cn-js/2022' } });
  await expect('another version on the page', 'manifest', { shown: { version: '1.1.0' } });
  await expect('nobody is believed', 'key', { keys: [] });
  await expect('a longer log was seen', 'growth', { kept: kept.replace('\\n3\\n', '\\n300\\n') });
  let badKeys = 0;
  for (let place = 0; place < keys.trim().length; place += 1) {
    try {
      const found = await run({ keys: await p.parseKeys(flip(keys.trim(), place)) });
      badKeys += found.failed.includes('key') ? 1 : 0;
    } catch (error) {
      badKeys += error.text ? 1 : 0;
    }
  }
  return { verdict: whole.verdict, states: Object.fromEntries(whole.steps.map((step) => [step.name, step.state])), missed, cases, badKeys, keys: keys.trim().length };
}"""


def test_a_flipped_character_is_found_at_its_step(bench):
    found = bench.evaluate(PROVE, {"shown": SHOWN})
    assert found["verdict"] == "verdict-given"
    assert found["states"] == {"line": "holds", "root": "holds", "manifest": "holds", "leaf": "holds", "key": "holds", "growth": "holds", "facts": "holds", "reviewers": "idle"}
    assert not found["missed"], "\n".join(found["missed"][:20])
    assert found["cases"] > 1000 and found["badKeys"] == found["keys"]


def test_an_old_browser_is_told(bench):
    found = bench.evaluate(
        """async () => {
          const own = crypto.subtle.importKey;
          crypto.subtle.importKey = async () => { throw new DOMException('no such algorithm', 'NotSupportedError'); };
          try {
            const note = await (await fetch('/log/checkpoint')).text();
            const keys = await p.parseKeys(await (await fetch('/log/key')).text());
            const found = await p.prove({ proof: null, note, shown: null, trust: { from: 'given', keys }, earlier: [], entries: async () => null });
            return [found.verdict, found.steps.find((step) => step.name === 'key').text];
          } finally {
            crypto.subtle.importKey = own;
          }
        }"""
    )
    assert found == ["verdict-unchecked", "no-ed25519"]

"""What both clients share: requests as values, answers as objects, checks. Nothing here touches the network."""

from __future__ import annotations

import hashlib
import os
import platform
import random
import re
from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote, urlencode

from . import _log
from ._cache import Cache, Entry
from ._codes import Question
from ._errors import LockError, ProblemError, TanyinError, VerificationError, problem
from ._models import (
    Dataset, Diff, Emissions, Event, Factor, FactorAnswer, FactorPage, HistoryEntry, LookupAnswer, Release, read_json,
)
from .lock import Lockfile

VERSION = "0.1.0"
BATCH = 1000
DEFAULT_SERVER = "http://127.0.0.1:8080"
_AGAIN = frozenset({429, 502, 503, 504})
_LONGEST_WAIT = 30.0

T = TypeVar("T")
Amount = Decimal | int | float | str


@dataclass(frozen=True, slots=True)
class Call:
    """One request; all are safe to repeat."""

    path: str
    parameters: Sequence[tuple[str, str]] = ()
    body: bytes | None = None
    accept: str = "application/json"

    @property
    def method(self) -> str:
        return "GET" if self.body is None else "POST"

    @property
    def target(self) -> str:
        return self.path + ("?" + urlencode(self.parameters, quote_via=quote, safe="/@:") if self.parameters else "")


Operation = Generator[Call, bytes, T]
"""Yields requests, is sent their bodies, returns an answer: one text for both clients."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How a client asks."""

    server: str
    token: str | None = None
    timeout: float = 30.0
    retries: int = 3
    lock: Lockfile | None = None
    allow_unlocked: bool = False
    cache: Cache = field(default_factory=Cache)

    @classmethod
    def of(
        cls, server: str | None, token: str | None, timeout: float, retries: int, cache: str | os.PathLike[str] | None,
        lock: Lockfile | None, allow_unlocked: bool,
    ) -> Settings:
        base = (server or os.environ.get("TANYIN_SERVER") or DEFAULT_SERVER).rstrip("/")
        if not re.match(r"https?://[^/?#@\s]+(/[^?#\s]*)?$", base):
            raise TanyinError(f"`{base[:200]}` is no server's address: it is written https://factors.example.org")
        return cls(base, token or os.environ.get("TANYIN_TOKEN") or None, timeout, retries, lock, allow_unlocked, Cache(cache))

    def url(self, call: Call) -> str:
        return self.server + call.target

    def headers(self, call: Call, kept: Entry | None = None) -> dict[str, str]:
        headers = {"User-Agent": f"tanyin-python/{VERSION} Python/{platform.python_version()}", "Accept": call.accept}
        if self.token:
            headers["Authorization"] = f"Bearer {self.token}"
        if call.body is not None:
            headers["Content-Type"] = "application/json"
        if kept is not None:
            headers["If-None-Match"] = kept.etag
        return headers

    def kept(self, call: Call) -> tuple[str, Entry | None]:
        name = Cache.name(self.url(call) + "\n" + call.accept, self.token)
        return name, None if call.body is not None else self.cache.get(name)

    def settle(self, call: Call, name: str, kept: Entry | None, status: int, headers: Mapping[str, str], body: bytes) -> bytes:
        """The body of an answer, or the problem raised."""
        if status == 304 and kept is not None:
            self.cache.put(name, {"etag": kept.etag, **headers}, kept.body)
            return kept.body
        if 200 <= status < 300:
            if call.body is None:
                self.cache.put(name, headers, body)
            return body
        raise refusal(status, headers, body, self.url(call))

    def pause(self, attempt: int, status: int | None, headers: Mapping[str, str] | None) -> float | None:
        """How long to wait before asking again; none: do not."""
        if attempt >= self.retries or (status is not None and status not in _AGAIN):
            return None
        asked = (headers or {}).get("retry-after", "")
        if asked.isascii() and asked.isdigit():
            return min(float(asked), _LONGEST_WAIT)
        return float(0.25 * 2**attempt * (1 + random.random()))

    # what a lockfile pins

    def pinned(self, dataset: str) -> str:
        """The dataset with the version that the lockfile pins, where there is one."""
        if self.lock is None or "@" in dataset:
            if self.lock is not None and not self.allow_unlocked and dataset.partition("@")[2] not in self.lock.versions(dataset.partition("@")[0]):
                raise LockError(f"the lockfile does not pin {dataset}: `tanyin lock add '{dataset}#KEY'`, or allow_unlocked=True")
            return dataset
        versions = self.lock.versions(dataset)
        if len(versions) == 1:
            return f"{dataset}@{versions[0]}"
        if versions:
            raise LockError(f"the lockfile pins {dataset} at {' and '.join(versions)}: name one of them, {dataset}@{versions[0]}")
        if self.allow_unlocked:
            return dataset
        raise LockError(f"the lockfile does not pin {dataset}: `tanyin lock add '{dataset}#KEY'`, or allow_unlocked=True")

    def version(self, dataset: str, version: str | None) -> str:
        if version is None:
            return self.pinned(dataset).partition("@")[2] or "latest"
        return self.pinned(f"{dataset}@{version}").partition("@")[2]

    def check(self, factor: Mapping[str, Any], digest: str | None, release: Release) -> None:
        """That the factor is the one that its digest names, and the one that is pinned."""
        if digest is not None:
            own = _log.sha256(_log.canonical(factor))
            if own != digest:
                raise VerificationError(f"{release}#{factor.get('key')} has the digest {own}; the answer says {digest}")
        if self.lock is not None:
            self.lock.check(factor, digest, release)


def refusal(status: int, headers: Mapping[str, str], body: bytes, url: str) -> ProblemError:
    if headers.get("content-type", "").startswith("application/problem+json"):
        try:
            said = read_json(body)
        except TanyinError:
            said = None
        if isinstance(said, dict):
            return problem(said, status, url)
    text = body[:200].decode("utf-8", "replace").strip()
    return problem({"title": "An answer of something else", "detail": f"{url} answered {status}: {text or 'nothing'}"}, status, url)


def number(amount: Amount) -> str:
    """A number as it is sent: plain decimals; a float becomes the shortest decimal that reads back to it."""
    if isinstance(amount, bool) or not isinstance(amount, (Decimal, int, float, str)):
        raise TypeError(f"an amount is a Decimal, int, float or str, not {type(amount).__name__}")
    try:
        value = Decimal(repr(float(amount)) if isinstance(amount, float) else amount)
    except ArithmeticError:
        raise ValueError(f"`{amount}` is no number") from None
    if not value.is_finite() or abs(value.adjusted()) > 300:
        raise ValueError(f"`{amount}` is no amount")
    return format(value, "f")


def parameters(question: Mapping[str, Any], more: Mapping[str, str] | None = None) -> dict[str, str]:
    """A question as it is sent; what is `None` is left out."""
    sent: dict[str, str] = {}
    for name, value in {**question, **(more or {})}.items():
        if value is None:
            continue
        if isinstance(value, (list, tuple, set, frozenset)):
            sent[name] = ",".join(str(item) for item in value)
        elif name == "amount":
            sent[name] = number(value)
        elif isinstance(value, bool):
            sent[name] = "true" if value else "false"
        else:
            sent[name] = str(value)
    return sent


def _segment(text: str) -> str:
    return quote(text, safe="@^~")


def _key(text: str) -> str:
    return quote(text, safe="/")


def _members(data: bytes) -> dict[str, Any]:
    raw = read_json(data)
    if not isinstance(raw, dict):
        raise TanyinError("the answer is no JSON object: is this the address of a Tanyin server?")
    return raw


def _shape(read: Any, raw: Any) -> Any:
    try:
        return read(raw)
    except (KeyError, TypeError, ValueError, ArithmeticError) as error:
        raise TanyinError(f"the answer has not the shape that it should have ({type(error).__name__}: {error})") from None


# the operations


def datasets() -> Operation[list[Dataset]]:
    raw = _members((yield Call("/v1/datasets")))
    found: list[Dataset] = _shape(lambda r: [Dataset.read(item) for item in r["datasets"]], raw)
    return found


def releases(dataset: str) -> Operation[list[Release]]:
    raw = _members((yield Call(f"/v1/datasets/{_segment(dataset)}/releases")))
    found: list[Release] = _shape(lambda r: [Release.read(item) for item in r["releases"]], raw)
    return found


def release(settings: Settings, dataset: str, version: str | None) -> Operation[Release]:
    wanted = settings.version(dataset, version)
    found: Release = _shape(Release.read, _members((yield Call(f"/v1/datasets/{_segment(dataset)}/releases/{_segment(wanted)}"))))
    return found


def factor(settings: Settings, dataset: str, key: str, version: str | None) -> Operation[FactorAnswer]:
    wanted = settings.version(dataset, version)
    path = f"/v1/datasets/{_segment(dataset)}/releases/{_segment(wanted)}/factors/{_key(key)}"
    found: FactorAnswer = _shape(FactorAnswer.read, _members((yield Call(path))))
    settings.check(found.factor.raw, found.digest, found.release)
    return found


def _answer(settings: Settings, raw: Any) -> LookupAnswer:
    found: LookupAnswer = _shape(LookupAnswer.read, raw)
    settings.check(found.factor.raw, found.digest, found.release)
    return found


def _asked(settings: Settings, question: Mapping[str, Any], more: Mapping[str, str] | None) -> dict[str, str]:
    sent = parameters(question, more)
    if sent.get("dataset"):
        sent["dataset"] = settings.pinned(sent["dataset"])
    elif settings.lock is not None and not settings.allow_unlocked:
        raise LockError("with a lockfile, name the dataset")
    return sent


def lookup(settings: Settings, question: Mapping[str, Any], more: Mapping[str, str] | None) -> Operation[LookupAnswer]:
    sent = _asked(settings, question, more)
    return _answer(settings, _members((yield Call("/v1/lookup", tuple(sent.items())))))


def emissions(settings: Settings, amount: Amount, unit: str | None, question: Question, more: Mapping[str, str] | None) -> Operation[Emissions]:
    asked = {**question, "amount": number(amount), "unit": unit}
    found = yield from lookup(settings, asked, more)
    told = found.result.raw.get("amount") or {}
    exact = Decimal(number(amount))
    return Emissions(found.result.value, found.result.unit, found.result.metric, found.result.gwp, exact, str(told.get("unit") or unit or found.factor.per), found)


def lookup_batch(settings: Settings, questions: Iterable[Mapping[str, Any]]) -> Operation[list[LookupAnswer | ProblemError]]:
    found: list[LookupAnswer | ProblemError] = []
    asked = [_asked(settings, question, None) for question in questions]
    for start in range(0, len(asked), BATCH):
        chunk = asked[start : start + BATCH]
        body = _log.canonical({"lookups": chunk})
        results = _members((yield Call("/v1/lookup/batch", body=body))).get("results")
        if not isinstance(results, list) or len(results) != len(chunk):
            raise TanyinError(f"{len(chunk)} lookups were asked, and not as many answered")
        for item in results:
            answer = item.get("answer")
            found.append(problem(item.get("problem") or {}, int(item.get("status") or 0)) if answer is None else _answer(settings, answer))
    return found


def pinned_filters(settings: Settings, filters: Mapping[str, Any]) -> dict[str, str]:
    sent = parameters(filters)
    if settings.lock is not None:
        if sent.get("dataset"):
            sent["dataset"] = ",".join(settings.pinned(name) for name in sent["dataset"].split(","))
        elif not settings.allow_unlocked:
            raise LockError("with a lockfile, name the dataset")
    return sent


def factors_page(settings: Settings, filters: Mapping[str, Any], cursor: str | None) -> Operation[FactorPage]:
    sent = pinned_filters(settings, filters)
    if cursor:
        sent["cursor"] = cursor
    page: FactorPage = _shape(FactorPage.read, _members((yield Call("/v1/factors", tuple(sent.items())))))
    for item in page.factors:
        settings.check(item.factor.raw, item.digest, item.release)
    return page


def selection_call(filters: Mapping[str, Any], format: str, manifest: str) -> Call:
    sent = {**parameters(filters), "format": format, "manifest": manifest}
    return Call("/v1/factors/download", tuple(sent.items()), accept="*/*")


def selection_manifest(settings: Settings, filters: Mapping[str, Any], format: str) -> Operation[Mapping[str, Any]]:
    sent = pinned_filters(settings, filters)
    found = _members((yield selection_call(sent, format, "only")))
    _shape(lambda raw: str(raw["file"]["sha256"]), found)
    return found


def selection(settings: Settings, filters: Mapping[str, Any], format: str) -> Operation[tuple[Mapping[str, Any], bytes]]:
    """A selection in memory, verified against its manifest."""
    found = yield from selection_manifest(settings, filters, format)
    body = yield selection_call(pinned_filters(settings, filters), format, "none")
    if _log.sha256(body) != found["file"]["sha256"]:
        raise VerificationError(f"the selection is {_log.sha256(body)}; its manifest says {found['file']['sha256']}")
    return found, body


def history(dataset: str, key: str) -> Operation[list[HistoryEntry]]:
    raw = _members((yield Call(f"/v1/datasets/{_segment(dataset)}/history/{_key(key)}")))
    found: list[HistoryEntry] = _shape(lambda r: [HistoryEntry.read(item) for item in r["history"]], raw)
    return found


def diff(dataset: str, from_: str, to: str, limit: int | None) -> Operation[Diff]:
    call = Call(f"/v1/datasets/{_segment(dataset)}/diff/{_segment(from_)}...{_segment(to)}", (("limit", str(limit)),) if limit else ())
    found: Diff = _shape(Diff.read, _members((yield call)))
    return found


def events_page(after: int, dataset: str | None) -> Operation[list[Event]]:
    sent = [("after", str(after))] + ([("dataset", dataset)] if dataset else [])
    raw = _members((yield Call("/v1/events", tuple(sent))))
    found: list[Event] = _shape(lambda r: [Event.read(item) for item in r["events"]], raw)
    return found


def manifest(settings: Settings, dataset: str, version: str | None) -> Operation[tuple[Release, Mapping[str, Any]]]:
    """The release and its manifest, whose bytes have the digest that the release names."""
    found = yield from release(settings, dataset, version)
    body = yield Call(f"/v1/datasets/{_segment(dataset)}/releases/{found.version}/files/manifest.json")
    if found.manifest is None or _log.sha256(body) != found.manifest:
        raise VerificationError(f"the manifest of {found} is {_log.sha256(body)}; the release says {found.manifest}")
    if settings.lock is not None:
        settings.lock.check_manifest(found)
    return found, _members(body)


def listed(manifest: Mapping[str, Any], name: str) -> str | None:
    """The digest of a file that the manifest commits to."""
    return next((str(item["sha256"]) for item in manifest.get("artefacts") or () if item.get("name") == name), None)


def artefact(settings: Settings, dataset: str, version: str | None, name: str) -> Operation[tuple[Release, bytes]]:
    """A file of a release in memory, verified against the manifest."""
    found, known = yield from manifest(settings, dataset, version)
    expected = listed(known, name)
    body = yield Call(file_path(found, name), accept="*/*")
    if expected is not None and _log.sha256(body) != expected:
        raise VerificationError(f"{name} of {found} is {_log.sha256(body)}; its manifest says {expected}")
    return found, body


def log_key() -> Operation[str]:
    text = (yield Call("/log/key", accept="text/plain")).decode("utf-8", "replace")
    return text.splitlines()[0] if text.strip() else ""


def prove(settings: Settings, dataset: str, key: str, version: str | None, log_key: str | Sequence[str]) -> Operation[Factor]:
    from .offline import verify_proof

    found = yield from release(settings, dataset, version)
    sent = (("dataset", dataset), ("version", found.version), ("key", key))
    proved = verify_proof(_members((yield Call("/v1/log/proof", sent))), key=log_key)
    if proved is None or proved.key != key:
        raise VerificationError(f"the proof is not of {found}#{key}")
    return proved


def file_path(release: Release, name: str) -> str:
    return f"/v1/datasets/{_segment(release.dataset)}/releases/{release.version}/files/{_segment(name)}"


def etag_of(digest: str) -> str:
    return f'"{digest.replace("sha256:", "sha256-", 1)}"'


def hash_file(path: str | os.PathLike[str]) -> str:
    with open(path, "rb") as file:
        return "sha256:" + hashlib.file_digest(file, "sha256").hexdigest()

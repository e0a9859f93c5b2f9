"""The client for asyncio: the same methods, awaited."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, TypeVar, Unpack, cast

import httpx

from . import _core
from ._codes import Question
from ._core import Amount, Call, Operation, Settings
from ._download import Download, Selection, Transfer, of_release, of_selection
from ._errors import ProblemError, TransportError
from ._filters import Filters
from ._frames import Exact, Frame, read_csv
from ._models import Dataset, Diff, Emissions, Event, Factor, FactorAnswer, FactorPage, HistoryEntry, LookupAnswer, Release
from .lock import LockedFactor, Lockfile

T = TypeVar("T")


class AsyncClient:
    """Asks a Tanyin server, with asyncio.

    `server` is its address (else `TANYIN_SERVER`), `token` what restricted datasets want (else `TANYIN_TOKEN`),
    `cache` a folder to keep answers in beside memory, `retries` how often a request is repeated that got no
    answer, 429, 502, 503 or 504. Every answer's factor is held against its digest.
    """

    def __init__(
        self, server: str | None = None, *, token: str | None = None, timeout: float = 30.0, retries: int = 3,
        cache: str | os.PathLike[str] | None = None, lock: Lockfile | None = None, allow_unlocked: bool = False,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        self.settings = Settings.of(server, token, timeout, retries, cache, lock, allow_unlocked)
        self._http = http or httpx.AsyncClient(timeout=timeout, follow_redirects=False)

    @classmethod
    def from_lock(
        cls, path: str | os.PathLike[str] = "tanyin.lock", server: str | None = None, *, key: str | Sequence[str] | None = None,
        token: str | None = None, timeout: float = 30.0, retries: int = 3, cache: str | os.PathLike[str] | None = None,
        allow_unlocked: bool = False, http: httpx.AsyncClient | None = None,
    ) -> AsyncClient:
        """A client that reads the releases of a lockfile alone, and refuses answers with another digest.

        A dataset asked for without a version is the pinned one; one that the file does not pin is refused
        unless `allow_unlocked`. The file's proofs are checked first, offline, under `key` where it is given.
        """
        lock = Lockfile.read(path, key=key)
        return cls(
            server or lock.server, token=token, timeout=timeout, retries=retries, cache=cache, lock=lock,
            allow_unlocked=allow_unlocked, http=http,
        )

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self.close()

    async def close(self) -> None:
        await self._http.aclose()

    async def _send(self, call: Call) -> bytes:
        settings = self.settings
        name, kept = settings.kept(call)
        if kept is not None and kept.fresh():
            return kept.body
        attempt = 0
        while True:
            try:
                answer = await self._http.request(call.method, settings.url(call), headers=settings.headers(call, kept), content=call.body)
            except httpx.TransportError as error:
                pause = settings.pause(attempt, None, None)
                if pause is None:
                    raise TransportError(f"{settings.url(call)} gave no answer ({type(error).__name__}: {error})") from error
            else:
                pause = settings.pause(attempt, answer.status_code, answer.headers)
                if pause is None:
                    return settings.settle(call, name, kept, answer.status_code, answer.headers, answer.content)
            await asyncio.sleep(pause)
            attempt += 1

    async def _run(self, operation: Operation[T]) -> T:
        try:
            call = next(operation)
            while True:
                call = operation.send(await self._send(call))
        except StopIteration as end:
            return cast(T, end.value)

    async def datasets(self) -> list[Dataset]:
        """Every dataset that the server tells of."""
        return await self._run(_core.datasets())

    async def releases(self, dataset: str) -> list[Release]:
        """The releases of a dataset, the newest first, withdrawn ones among them."""
        return await self._run(_core.releases(dataset))

    async def release(self, dataset: str, version: str | None = None) -> Release:
        """One release: a version, a range such as `^1`, or the latest."""
        return await self._run(_core.release(self.settings, dataset, version))

    async def factor(self, dataset: str, key: str, version: str | None = None) -> FactorAnswer:
        """One factor by its key."""
        return await self._run(_core.factor(self.settings, dataset, key, version))

    async def lookup(self, *, parameters: Mapping[str, str] | None = None, **question: Unpack[Question]) -> LookupAnswer:
        """The one factor that fits, or `NoMatch`, `Ambiguous`, `Flagged`, …

        `parameters` are others of the route, sent as they are.
        """
        return await self._run(_core.lookup(self.settings, question, parameters))

    async def emissions(
        self, amount: Amount, unit: str | None = None, *, parameters: Mapping[str, str] | None = None, **question: Unpack[Question]
    ) -> Emissions:
        """The emission of an amount, computed exactly by the server; `unit` is the factor's own if left out."""
        return await self._run(_core.emissions(self.settings, amount, unit, question, parameters))

    async def lookup_batch(self, questions: Iterable[Mapping[str, Any]]) -> list[LookupAnswer | ProblemError]:
        """Many lookups, a thousand a request; in the order of the questions, a refusal in its place as an exception object."""
        return await self._run(_core.lookup_batch(self.settings, questions))

    async def factors_page(self, cursor: str | None = None, **filters: Unpack[Filters]) -> FactorPage:
        """One page of factors with counts; `next` is the cursor of the page behind it."""
        return await self._run(_core.factors_page(self.settings, filters, cursor))

    async def factors(self, **filters: Unpack[Filters]) -> AsyncIterator[FactorAnswer]:
        """Every factor that the filters leave, page after page."""
        cursor: str | None = None
        while True:
            page = await self._run(_core.factors_page(self.settings, filters, cursor))
            for item in page.factors:
                yield item
            cursor = page.next
            if not cursor:
                return

    def search(self, q: str, /, **filters: Unpack[Filters]) -> AsyncIterator[FactorAnswer]:
        """Factors by words, in Chinese or English."""
        filters["q"] = q
        return self.factors(**filters)

    async def history(self, dataset: str, key: str) -> list[HistoryEntry]:
        """A factor in every release that has it."""
        return await self._run(_core.history(dataset, key))

    async def diff(self, dataset: str, from_: str, to: str, *, limit: int | None = None) -> Diff:
        """What changed between two releases."""
        return await self._run(_core.diff(dataset, from_, to, limit))

    async def events(self, after: int = 0, *, dataset: str | None = None) -> AsyncIterator[Event]:
        """What became public after an event's number, to the end of what there is; keep the last `seq` for the next time."""
        while True:
            found = await self._run(_core.events_page(after, dataset))
            for event in found:
                yield event
            if not found or found[-1].seq <= after:
                return
            after = found[-1].seq

    async def download(
        self, dataset: str, to: str | os.PathLike[str], format: str = "factors.csv", *, version: str | None = None, resume: bool = True
    ) -> Download:
        """Brings a file of a release to `to` (a file, or a folder that is there), verified; a broken one is gone on with.

        `format` is `csv`, `ndjson`, `parquet`, `sqlite`, `xlsx`, `openlca`, or the name of a file of the release.
        """
        release, manifest = await self._run(_core.manifest(self.settings, dataset, version))
        transfer, committed = of_release(release, manifest, to, format, resume)
        return Download(transfer.path, await self._bring(transfer), release, committed)

    async def download_selection(self, to: str | os.PathLike[str], format: str = "csv", **filters: Unpack[Filters]) -> Selection:
        """Everything that the filters leave in one file (`csv`, `ndjson`, `parquet`, `sqlite`, `xlsx`, …), verified against its manifest."""
        manifest = await self._run(_core.selection_manifest(self.settings, filters, format))
        transfer = of_selection(_core.pinned_filters(self.settings, filters), manifest, to, format)
        return Selection(transfer.path, await self._bring(transfer), manifest)

    async def _bring(self, transfer: Transfer) -> str:
        call, attempt = transfer.call, 0
        while transfer.wanted():
            headers = {**self.settings.headers(call), **transfer.headers()}
            try:
                async with self._http.stream("GET", self.settings.url(call), headers=headers) as answer:
                    pause = self.settings.pause(attempt, answer.status_code, answer.headers)
                    if pause is None:
                        if answer.status_code not in (200, 206, 416):
                            raise _core.refusal(answer.status_code, answer.headers, await answer.aread(), self.settings.url(call))
                        with transfer.receiving(answer.status_code, answer.headers) as write:
                            async for chunk in answer.aiter_raw():
                                write(chunk)
                        continue
            except httpx.TransportError as error:
                pause = self.settings.pause(attempt, None, None)
                if pause is None:
                    raise TransportError(f"{self.settings.url(call)} broke off ({type(error).__name__}: {error}); the next download goes on") from error
            await asyncio.sleep(pause)
            attempt += 1
        return transfer.finish()

    async def read_frame(self, dataset: str, version: str | None = None, *, exact: Exact = "decimal") -> Frame:
        """A release as a pandas DataFrame: `value` exact (`Decimal`, or `str`), `value_float` beside it for arithmetic."""
        release, data = await self._run(_core.artefact(self.settings, dataset, version, "factors.csv"))
        return read_csv(data, release, exact)

    async def select_frame(self, *, exact: Exact = "decimal", **filters: Unpack[Filters]) -> Frame:
        """Everything that the filters leave as a pandas DataFrame, with dataset, version and digest of each; see `read_frame`."""
        manifest, data = await self._run(_core.selection(self.settings, filters, "csv"))
        return read_csv(data, ", ".join(f"{item['dataset']}@{item['version']}" for item in manifest.get("releases") or ()), exact)

    async def log_key(self) -> str:
        """The log's verifier key as the server tells it: compare it with what its operator publishes elsewhere."""
        return await self._run(_core.log_key())

    async def prove(self, dataset: str, key: str, version: str | None = None, *, log_key: str | Sequence[str]) -> Factor:
        """The factor, after the proof that the log under `log_key` holds it: line, manifest, leaf, checkpoint, signature."""
        return await self._run(_core.prove(self.settings, dataset, key, version, log_key))

    def locked(self, name: str) -> LockedFactor:
        """The factor that the lockfile pins under a label or key; asks nobody."""
        if self.settings.lock is None:
            from ._errors import LockError

            raise LockError("this client has no lockfile: AsyncClient.from_lock('tanyin.lock')")
        return self.settings.lock.get(name)

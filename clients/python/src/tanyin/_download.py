"""Files on their way to disk: resumed where they broke off, verified before they get their name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import _core
from ._core import Call
from ._errors import VerificationError
from ._models import Release

_NAMES = {
    "csv": "factors.csv", "ndjson": "factors.ndjson", "parquet": "factors.parquet", "sqlite": "factors.sqlite",
    "xlsx": "factors.xlsx", "openlca": "openlca.zip",
}


@dataclass(frozen=True, slots=True)
class Download:
    """A file that was brought and verified."""

    path: Path
    sha256: str
    release: Release
    committed: bool
    """Whether the release's manifest commits to it; if not, it was derived, and held against its ETag."""


def file_name(format: str) -> str:
    return _NAMES.get(format, format)


def target(release: Release, to: str | os.PathLike[str], format: str) -> Path:
    path = Path(to)
    return path / f"{release.dataset}-{release.version}-{file_name(format)}" if path.is_dir() else path


@dataclass(frozen=True, slots=True)
class Selection:
    """What a search found, in one file."""

    path: Path
    sha256: str
    manifest: Mapping[str, Any]
    """`selection.json`: the query as understood, how many factors of which releases, licences, how to cite."""


class Transfer:
    """One file; it lies beside its place as `.part` until it is whole and sound."""

    def __init__(self, call: Call, what: str, digest: str | None, path: Path, resume: bool) -> None:
        self.call, self.what, self.path = call, what, path
        self._part = path.with_name(path.name + ".part")
        self._tag = path.with_name(path.name + ".part-etag")
        self._digest = digest
        self._done = False
        if not resume:
            self._clear()

    def wanted(self) -> bool:
        return not self._done

    def _etag(self) -> str | None:
        try:
            return self._tag.read_text(encoding="ascii").strip() or None
        except (OSError, ValueError):
            return None

    def headers(self) -> dict[str, str]:
        headers = {"Accept-Encoding": "identity"}
        held = self._part.stat().st_size if self._part.exists() else 0
        etag = self._etag()
        if held and etag:
            headers |= {"Range": f"bytes={held}-", "If-Range": etag}
        return headers

    @contextmanager
    def receiving(self, status: int, headers: Mapping[str, str]) -> Iterator[Callable[[bytes], object]]:
        etag = headers.get("etag", "")
        if status == 416:  # all of it is there already
            yield lambda _: None
            self._done = True
            return
        if self._digest is not None and etag and etag != _core.etag_of(self._digest):
            raise VerificationError(f"{self.what} is offered as {etag}; its manifest says {self._digest}")
        if etag.startswith('"'):
            self._tag.write_text(etag, encoding="ascii")
        with open(self._part, "ab" if status == 206 else "wb") as file:
            yield file.write
        self._done = True

    def finish(self) -> str:
        """The digest of the file, which now has its name."""
        own = _core.hash_file(self._part)
        expected = self._digest
        if expected is None:
            etag = self._etag() or ""
            expected = etag.strip('"').replace("sha256-", "sha256:", 1) if etag.startswith('"sha256-') else own
        if own != expected:
            self._clear()
            raise VerificationError(f"{self.what} came as {own}, and should be {expected}; it was thrown away")
        os.replace(self._part, self.path)
        self._tag.unlink(missing_ok=True)
        return own

    def _clear(self) -> None:
        self._part.unlink(missing_ok=True)
        self._tag.unlink(missing_ok=True)


def of_release(release: Release, manifest: Mapping[str, Any], to: str | os.PathLike[str], format: str, resume: bool) -> tuple[Transfer, bool]:
    """The transfer of a file of a release, and whether the manifest commits to it."""
    name = file_name(format)
    digest = release.manifest if name == "manifest.json" else _core.listed(manifest, name)
    call = Call(_core.file_path(release, name), accept="*/*")
    return Transfer(call, f"{name} of {release}", digest, target(release, to, format), resume), digest is not None


def of_selection(filters: Mapping[str, Any], manifest: Mapping[str, Any], to: str | os.PathLike[str], format: str) -> Transfer:
    call = _core.selection_call(filters, format, "none")
    path = Path(to) / f"selection-{file_name(format)}" if Path(to).is_dir() else Path(to)
    return Transfer(call, "the selection", str(manifest["file"]["sha256"]), path, resume=False)

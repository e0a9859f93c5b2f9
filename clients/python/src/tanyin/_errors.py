"""What can go wrong, one class each; the message says what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class TanyinError(Exception):
    """Whatever this package raises."""


class TransportError(TanyinError):
    """The server could not be reached, or broke off."""


class VerificationError(TanyinError):
    """What was received or read is not what was released: a digest, a proof or a signature does not hold."""


class LockError(TanyinError):
    """The lockfile does not pin what was asked for."""


class LockMismatch(VerificationError):
    """An answer is not the one that the lockfile pins."""


class OfflineUnsupported(TanyinError):
    """The question needs the server: files alone do not answer it."""


class UnauthenticatedWarning(UserWarning):
    """Files were checked without a key: they agree with each other, and nobody vouches for them."""


class ProblemError(TanyinError):
    """A refusal of the server (RFC 9457), or the same refusal found offline."""

    advice = ""

    def __init__(self, status: int, code: str, title: str, detail: str, members: Mapping[str, Any], url: str = "") -> None:
        self.status = status
        self.code = code
        self.title = title
        self.detail = detail
        self.members = dict(members)
        self.url = url
        super().__init__(self._message())

    def _message(self) -> str:
        parts = [f"{self.code}: {self.detail or self.title}"]
        said = self._hint()
        if said:
            parts.append(said)
        return ". ".join(part.rstrip(".") for part in parts)

    def _hint(self) -> str:
        return self.advice


class NoMatch(ProblemError):
    """No factor matches; `exists`, `fallbacks`, `nearest` and `elsewhere` say what there is."""

    @property
    def exists(self) -> dict[str, list[str]]:
        """The values that there are, by parameter."""
        return dict(self.members.get("exists") or {})

    @property
    def fallbacks(self) -> list[str]:
        """Parameters that would give an answer, and which."""
        return list(self.members.get("fallbacks") or [])

    @property
    def nearest(self) -> list[Any]:
        return list(self.members.get("nearest") or [])

    @property
    def elsewhere(self) -> list[Any]:
        """Other datasets that know the activity or key."""
        return list(self.members.get("elsewhere") or [])

    def _hint(self) -> str:
        hints = []
        if self.fallbacks:
            hints.append("these would answer: " + "; ".join(self.fallbacks[:3]))
        if self.nearest:
            hints.append("nearest: " + ", ".join(str(item) for item in self.nearest[:5]))
        if self.elsewhere:
            hints.append("elsewhere: " + ", ".join(str(item) for item in self.elsewhere[:3]))
        if not hints:
            hints = [f"{name} may be {', '.join(values[:8])}{' …' if len(values) > 8 else ''}" for name, values in self.exists.items()]
        return "; ".join(hints)


class Ambiguous(ProblemError):
    """Several factors match; `candidates` tells them apart."""

    @property
    def candidates(self) -> list[dict[str, Any]]:
        return list(self.members.get("candidates") or [])

    @property
    def differ_in(self) -> list[str]:
        return list(self.members.get("differ_in") or [])

    def _hint(self) -> str:
        shown = [f"{item.get('key')} ({', '.join(f'{k}={v}' for k, v in (item.get('differs') or {}).items())})" for item in self.candidates[:4]]
        return f"Give {' or '.join(self.differ_in) or 'more parameters'}: {', '.join(shown)}"


class Flagged(ProblemError):
    """The factor carries a blocking flag; `flags` names it."""

    @property
    def flags(self) -> list[Any]:
        return list(self.members.get("flags") or [])

    advice = "Read why it is flagged; allow_flags=[…] uses it all the same"


class UnitMismatch(ProblemError):
    """The units measure different things."""

    advice = "Ask for a unit of the same dimension"


class GwpUnavailable(ProblemError):
    """The CO2e cannot be computed under this GWP set."""

    advice = "Leave gwp out for the published value"


class InvalidParameter(ProblemError):
    """A parameter has a value that it cannot have; `valid` lists some that it can."""

    @property
    def parameter(self) -> str:
        return str(self.members.get("parameter") or "")

    @property
    def valid(self) -> list[Any]:
        return list(self.members.get("valid") or [])

    def _hint(self) -> str:
        return f"valid: {', '.join(str(item) for item in self.valid[:12])}{' …' if len(self.valid) > 12 else ''}" if self.valid else ""


class UnknownParameter(InvalidParameter):
    """The server does not know this parameter."""


class MissingParameter(ProblemError):
    """A parameter is missing."""


class NotFound(ProblemError):
    """There is no such dataset, release, factor, file or address."""


class NoDataset(NotFound):
    advice = "datasets() lists those that there are"


class NoRelease(NotFound):
    advice = "releases(dataset) lists those that there are"


class NoFactor(NotFound):
    advice = "factors(dataset=…) lists those that there are"


class NoArtefact(NotFound):
    def _hint(self) -> str:
        files = self.members.get("files") or []
        return f"there are {', '.join(str(name) for name in files)}" if files else ""


class Unauthorized(ProblemError):
    """A token is needed, or the one given is not valid."""

    advice = "Give Client(token=…); an admin makes tokens"


class Forbidden(ProblemError):
    """The token does not permit it."""


class NotRedistributable(Forbidden):
    """The licence passes on no numbers; `factor` and `source` say where they are to be had."""

    @property
    def factor(self) -> dict[str, Any] | None:
        return self.members.get("factor")


class Unavailable(ProblemError):
    """The server cannot answer now; it was asked again as often as `retries` says."""

    advice = "Try again later"


class ServerFault(ProblemError):
    """Something is broken in the server."""

    advice = "Give its operator the id in `instance`"


_BY_CODE: dict[str, type[ProblemError]] = {
    "no-match": NoMatch,
    "ambiguous": Ambiguous,
    "flagged": Flagged,
    "unit-mismatch": UnitMismatch,
    "gwp-unavailable": GwpUnavailable,
    "invalid-parameter": InvalidParameter,
    "unknown-parameter": UnknownParameter,
    "missing-parameter": MissingParameter,
    "not-found": NotFound,
    "no-dataset": NoDataset,
    "no-release": NoRelease,
    "no-factor": NoFactor,
    "no-artefact": NoArtefact,
    "unauthorized": Unauthorized,
    "forbidden": Forbidden,
    "not-redistributable": NotRedistributable,
    "database-unavailable": Unavailable,
    "queue-full": Unavailable,
    "fault": ServerFault,
}


def problem(body: Mapping[str, Any], status: int, url: str = "") -> ProblemError:
    """The exception of a problem as it was sent."""
    members = {name: value for name, value in body.items() if name not in ("type", "title", "status", "detail")}
    code = str(body.get("type") or "").rsplit("/", 1)[-1] or f"http-{status}"
    kind = _BY_CODE.get(code)
    if kind is None:
        kind = ServerFault if status >= 500 else NotFound if status == 404 else ProblemError
    return kind(status, code, str(body.get("title") or ""), str(body.get("detail") or ""), members, url)

"""Client of Tanyin, an emission factor database server.

    from tanyin import Client

    with Client("https://factors.example.org") as tanyin:
        answer = tanyin.lookup(dataset="cn-electricity-co2", activity="electricity/grid-average", region="CN-ZJ", year=2022)
        print(answer.value, answer.result.unit, answer.result.metric, "per", answer.result.per, answer.pin)

`AsyncClient` has the same methods, awaited. `Client.from_lock` reads what a lockfile pins; `Offline` answers from
downloaded files after verifying them. Values are `decimal.Decimal`, exactly as published.
"""

from ._async import AsyncClient
from ._client import Client
from ._codes import BLOCKING_FLAGS, Basis, GwpSet, Kind, Metric, OnAmbiguous, Question, RegionFallback, Scope, YearFallback
from ._core import VERSION as __version__
from ._download import Download, Selection
from ._errors import (
    Ambiguous, Flagged, Forbidden, GwpUnavailable, InvalidParameter, LockError, LockMismatch, MissingParameter, NoArtefact, NoDataset,
    NoFactor, NoMatch, NoRelease, NotFound, NotRedistributable, OfflineUnsupported, ProblemError, ServerFault, TanyinError,
    TransportError, Unauthorized, UnauthenticatedWarning, Unavailable, UnitMismatch, UnknownParameter, VerificationError,
)
from ._filters import Filters
from ._frames import to_frame
from ._models import (
    Dataset, Diff, Emissions, Event, Factor, FactorAnswer, FactorPage, HistoryEntry, LookupAnswer, Match, Release, Result,
)
from .lock import LockedFactor, Lockfile
from .offline import Offline, verify_proof

__all__ = [
    "BLOCKING_FLAGS", "Ambiguous", "AsyncClient", "Basis", "Client", "Dataset", "Diff", "Download", "Emissions", "Event", "Factor",
    "FactorAnswer", "FactorPage", "Filters", "Flagged", "Forbidden", "GwpSet", "GwpUnavailable", "HistoryEntry", "InvalidParameter",
    "Kind", "LockError", "LockMismatch", "LockedFactor", "Lockfile", "LookupAnswer", "Match", "Metric", "MissingParameter",
    "NoArtefact", "NoDataset", "NoFactor", "NoMatch", "NoRelease", "NotFound", "NotRedistributable", "Offline", "OfflineUnsupported",
    "OnAmbiguous", "ProblemError", "Question", "RegionFallback", "Release", "Result", "Scope", "Selection", "ServerFault", "TanyinError",
    "TransportError", "Unauthorized", "UnauthenticatedWarning", "Unavailable", "UnitMismatch", "UnknownParameter",
    "VerificationError", "YearFallback", "__version__", "to_frame", "verify_proof",
]

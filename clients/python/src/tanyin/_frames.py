"""Releases and answers as pandas DataFrames. pandas is wanted only here."""

from __future__ import annotations

import io
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from ._errors import ProblemError, TanyinError
from ._models import LookupAnswer, Release

if TYPE_CHECKING:
    import pandas

    Frame: TypeAlias = pandas.DataFrame
else:
    Frame = Any

Exact = Literal["decimal", "str"]


def _pandas() -> Any:
    try:
        import pandas
    except ImportError:
        raise TanyinError("DataFrames want pandas: pip install 'tanyin[pandas]'") from None
    return pandas


def read_csv(data: bytes, release: Release | str, exact: Exact = "decimal") -> Frame:
    """A release's factors.csv. Every cell stays text but the year and the value; `NA` stays Namibia."""
    pd = _pandas()
    frame = pd.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False, na_values=[""])
    text = frame["value"]
    frame.insert(frame.columns.get_loc("value") + 1, "value_float", pd.to_numeric(text))
    if exact == "decimal":
        frame["value"] = pd.Series([None if cell is None or cell != cell else Decimal(cell) for cell in text], dtype=object, index=frame.index)
    frame["year"] = pd.to_numeric(frame["year"]).astype("Int64")
    frame.attrs["release"] = str(release)
    if isinstance(release, Release):
        frame.attrs["manifest"] = release.manifest
    return frame


def to_frame(answers: Iterable[LookupAnswer | ProblemError]) -> Frame:
    """Answers of a batch as a table, one row a question; a refusal fills `problem` and leaves the rest empty."""
    pd = _pandas()
    rows: list[dict[str, Any]] = []
    for answer in answers:
        if isinstance(answer, ProblemError):
            rows.append({"problem": str(answer)})
            continue
        rows.append({
            "pin": answer.pin, "region": answer.factor.region, "year": answer.factor.year, "value": answer.result.value,
            "value_float": float(answer.result.value), "unit": answer.result.unit, "metric": answer.result.metric,
            "per": answer.result.per, "exact": answer.match.exact, "digest": answer.digest, "problem": None,
        })
    names = ["pin", "region", "year", "value", "value_float", "unit", "metric", "per", "exact", "digest", "problem"]
    frame = pd.DataFrame(rows, columns=names)
    frame["year"] = frame["year"].astype("Int64")
    return frame

"""The client against a running server."""

from __future__ import annotations

import asyncio
import inspect
from decimal import Decimal
from pathlib import Path

import pytest
from conftest import Between, Server

import tanyin
from tanyin import AsyncClient, Client

GRID = {"dataset": "cn-electricity-co2", "activity": "electricity/grid-average"}


def test_a_lookup_is_exact(server: Server) -> None:
    with Client(server.url) as client:
        answer = client.lookup(dataset="cn-electricity-co2", activity="electricity/grid-average", region="CN-ZJ", year=2022)
    assert answer.value == Decimal("0.5153") and str(answer.factor.value) == "0.5153"
    assert (answer.result.unit, answer.result.metric, answer.result.per) == ("kg", "CO2", "kW.h")
    assert answer.pin == "cn-electricity-co2@1.2.0#grid-average/cn-zj/2022" and answer.match.exact
    assert answer.cite and "公告2024年第33号" in answer.cite and answer.factor["source"]["value_text"] == "0.5153"


def test_emissions_and_conversions(server: Server) -> None:
    with Client(server.url) as client:
        found = client.emissions("100", "MW.h", dataset="cn-electricity-co2@1.2.0", key="grid-average/cn-zj/2022")
        assert (found.value, found.unit, found.amount_unit) == (Decimal("51530"), "kg", "MW.h")
        assert client.emissions(0.1, dataset="cn-electricity-co2", key="grid-average/cn-zj/2022").value == Decimal("0.05153")
        per = client.lookup(dataset="cn-electricity-co2", key="grid-average/cn-zj/2022", per="MJ")
        assert per.result.computed and per.value == Decimal("0.14313888888888889")
        gas = client.lookup(
            dataset="ipcc-stationary-combustion", activity="combustion/anthracite", technology="energy-industries",
            gwp="ipcc-ar6-wg1-7.15-gwp100",
        )
        assert gas.result.gwp == "ipcc-ar6-wg1-7.15-gwp100"


def test_refusals_say_what_to_do(server: Server) -> None:
    with Client(server.url) as client:
        with pytest.raises(tanyin.NoMatch, match="region_fallback=parent") as none:
            client.lookup(dataset="cn-electricity-co2", activity="electricity/grid-average", region="CN-XZ", year=2022)
        assert none.value.status == 404 and "CN-ZJ" in none.value.exists["region"]
        with pytest.raises(tanyin.Ambiguous, match="Give year") as several:
            client.lookup(dataset="cn-electricity-co2", activity="electricity/grid-average", region="CN-ZJ")
        assert several.value.differ_in == ["year"] and len(several.value.candidates) == 3
        with pytest.raises(tanyin.UnitMismatch, match="same dimension"):
            client.lookup(dataset="cn-electricity-co2", key="grid-average/cn/2022", per="kg")
        with pytest.raises(tanyin.InvalidParameter) as invalid:
            client.lookup(dataset="cn-electricity-co2", key="grid-average/cn/2022", kind="electricity")  # type: ignore[arg-type]
        assert invalid.value.parameter == "kind" and "electricity-direct" in invalid.value.valid
        with pytest.raises(tanyin.UnknownParameter):
            client.lookup(dataset="cn-electricity-co2", key="grid-average/cn/2022", parameters={"regoin": "CN"})
        with pytest.raises(tanyin.NoDataset, match=r"datasets\(\)"):
            client.releases("cn-electricity")
        with pytest.raises(tanyin.NoFactor):
            client.factor("cn-electricity-co2", "grid-average/mars/2022")
        with pytest.raises(ValueError, match="no number"):
            client.emissions("many", dataset="cn-electricity-co2", key="grid-average/cn/2022")


def test_a_batch_keeps_its_order(server: Server, between: Between) -> None:
    questions = [{**GRID, "region": "CN-ZJ", "year": year} for year in (2021, 2022, 2023)] * 400 + [{**GRID, "region": "CN-XZ", "year": 2022}]
    with Client(between.url) as client:
        answers = client.lookup_batch(questions)
    assert len(answers) == 1201 and len(between.asked) == 2, "a thousand a request"
    years = [answer.factor.year for answer in answers[:3] if isinstance(answer, tanyin.LookupAnswer)]
    assert years == [2021, 2022, 2023] and isinstance(answers[-1], tanyin.NoMatch)


def test_pages_are_walked(server: Server) -> None:
    with Client(server.url) as client:
        page = client.factors_page(kind="combustion", limit=100)
        found = list(client.factors(kind="combustion", limit=100))
        assert page.total == len(found) == 216 and len({item.digest for item in found}) == 216
        assert any(item.factor.activity == "combustion/anthracite" for item in client.search("anthracite"))
        assert {item.id for item in client.datasets()} >= {"cn-electricity-co2", "ipcc-gwp"}
        assert [item.version for item in client.releases("cn-electricity-co2")] == ["1.2.0", "1.1.0", "1.0.0"]
        assert client.release("cn-electricity-co2", "~1.1").version == "1.1.0"
        assert client.diff("cn-electricity-co2", "1.1.0", "1.2.0").counts["added"] == 40
        history = client.history("cn-electricity-co2", "grid-average/cn/2022")
        assert [str(entry.value) for entry in history] == ["0.5366", "0.5366"]


def test_answers_are_kept_by_etag(server: Server, between: Between, tmp_path: Path) -> None:
    with Client(between.url, cache=tmp_path / "cache") as client:
        for _ in range(3):
            client.release("cn-electricity-co2", "1.2.0")
        assert len(between.asked) == 1, "fresh for as long as the server says"
    with Client(between.url, cache=tmp_path / "cache") as client:
        client.release("cn-electricity-co2", "1.2.0")
        assert len(between.asked) == 1, "the folder outlives the client"
        for entry in client.settings.cache._entries.values():
            object.__setattr__(entry, "fresh_until", 0.0)
        client.release("cn-electricity-co2", "1.2.0")
        assert len(between.asked) == 2 and "if-none-match" in between.headers[-1]
    for file in (tmp_path / "cache").iterdir():
        file.write_bytes(file.read_bytes()[:-10])
    with Client(between.url, cache=tmp_path / "cache") as client:
        assert client.release("cn-electricity-co2", "1.2.0").version == "1.2.0"
        assert len(between.asked) == 3 and "if-none-match" not in between.headers[-1], "a damaged entry is none"


def test_retries_and_their_end(server: Server, between: Between) -> None:
    between.unavailable = 2
    with Client(between.url, retries=2) as client:
        assert client.datasets() and len(between.asked) == 3
        between.unavailable = 3
        with pytest.raises(tanyin.Unavailable, match="Try again later"):
            client.releases("cn-electricity-co2")
    with Client("http://127.0.0.1:9", retries=0) as client, pytest.raises(tanyin.TransportError):
        client.datasets()
    with pytest.raises(tanyin.TanyinError, match="no server's address"):
        Client("factors.example.org")


def test_what_was_changed_on_the_way_is_refused(server: Server, between: Between) -> None:
    between.change = lambda _, body: body.replace(b'"value":"0.5153"', b'"value":"0.0153"')
    with Client(between.url) as client, pytest.raises(tanyin.VerificationError, match="has the digest"):
        client.lookup(dataset="cn-electricity-co2", key="grid-average/cn-zj/2022")
    with Client(between.url) as client, pytest.raises(tanyin.VerificationError):
        list(client.factors(dataset="cn-electricity-co2", region="CN-ZJ"))


def test_downloads_resume_and_are_verified(server: Server, between: Between, tmp_path: Path) -> None:
    with Client(between.url, retries=0) as client:
        client.release("cn-electricity-co2")
        between.cut_after = 50_000
        with pytest.raises(tanyin.TransportError, match="goes on"):
            client.download("cn-electricity-co2", tmp_path, "ndjson")
        assert not list(tmp_path.glob("*.ndjson"))
        done = client.download("cn-electricity-co2", tmp_path, "ndjson")
        assert between.headers[-1]["range"] == "bytes=50000-" and done.committed
        assert done.path.name == "cn-electricity-co2-1.2.0-factors.ndjson" and done.path.stat().st_size == 148749
        assert [path.name for path in tmp_path.iterdir()] == [done.path.name], "nothing is left beside it"
        between.change = lambda path, body: body.replace(b"0.5153", b"0.5154") if path.endswith("factors.csv") else body
        with pytest.raises(tanyin.VerificationError, match="thrown away"):
            client.download("cn-electricity-co2", tmp_path / "f.csv", "csv")
        assert not (tmp_path / "f.csv").exists()
        with pytest.raises(tanyin.NoArtefact):
            client.download("cn-electricity-co2", tmp_path, "factors.doc")


def test_a_number_is_proved_down_to_the_key(server: Server, between: Between, vkey: str, other_key: str) -> None:
    with Client(between.url) as client:
        assert client.log_key() == vkey
        assert client.prove("cn-electricity-co2", "grid-average/cn-zj/2022", log_key=vkey).value == Decimal("0.5153")
        with pytest.raises(tanyin.VerificationError, match="not signed by that key"):
            client.prove("cn-electricity-co2", "grid-average/cn-zj/2022", log_key=other_key)
    between.change = lambda path, body: body.replace(b"0.5153", b"0.5154")
    with Client(between.url) as client, pytest.raises(tanyin.VerificationError, match="line → digest"):
        client.prove("cn-electricity-co2", "grid-average/cn-zj/2022", log_key=vkey)


def test_pandas(server: Server) -> None:
    with Client(server.url) as client:
        frame = client.read_frame("cn-electricity-co2")
        assert len(frame) == 120 and frame.attrs["release"] == "cn-electricity-co2@1.2.0"
        row = frame[frame["key"] == "grid-average/cn-zj/2022"].iloc[0]
        assert row["value"] == Decimal("0.5153") and row["value_float"] == 0.5153 and row["year"] == 2022
        assert client.read_frame("cn-electricity-co2", "1.0.0", exact="str")["value"].map(type).eq(str).all()
        table = tanyin.to_frame(client.lookup_batch([{**GRID, "region": "CN-ZJ", "year": 2022}, {**GRID, "region": "CN-XZ", "year": 2022}]))
        assert table["value"].iloc[0] == Decimal("0.5153") and "no-match" in table["problem"].iloc[1]


def test_async_is_the_same(server: Server, tmp_path: Path) -> None:
    async def ask() -> None:
        async with AsyncClient(server.url) as client:
            answers = await asyncio.gather(
                *(client.lookup(dataset="cn-electricity-co2", activity="electricity/grid-average", region=region, year=2022) for region in ("CN-ZJ", "CN"))
            )
            assert [str(answer.value) for answer in answers] == ["0.5153", "0.5366"]
            assert len([item async for item in client.factors(kind="combustion", limit=100)]) == 216
            assert (await client.download("cn-electricity-co2", tmp_path, "csv")).committed
            assert (await client.emissions("1", dataset="cn-electricity-co2", key="grid-average/cn/2022")).value == Decimal("0.5366")
            with pytest.raises(tanyin.NoMatch):
                await client.lookup(dataset="cn-electricity-co2", activity="electricity/grid-average", region="CN-XZ", year=2022)

    asyncio.run(ask())


def test_both_clients_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        return {name: list(inspect.signature(member).parameters) for name, member in vars(kind).items() if callable(member) and not name.startswith("_")}

    assert methods(Client) == methods(AsyncClient)

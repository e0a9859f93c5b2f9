"""What people come for, from beginning to end."""

import re

import pytest

import pages
from visit import PHONE, Look


@pytest.mark.parametrize("size", [(1280, 900), PHONE], ids=["desk", "phone"])
def test_a_visitor_finds_zhejiangs_grid_factor_in_three_steps(visit, size):
    seen = visit("/", Look("zh", size=size))  # 1: open the home page
    page = seen.page
    page.get_by_role("searchbox").first.fill("浙江 电力 2022")
    seen.press("Enter")  # 2: search
    hit = page.locator("main").get_by_role("link", name=re.compile("浙江.*2022|2022.*浙江")).first
    seen.follow(hit.click)  # 3: open the first hit
    main = page.locator("main")
    assert "0.5153" in main.inner_text()
    assert re.search(r"kg\s*CO₂\s*/\s*kW·?h|千克二氧化碳", main.inner_text())
    assert "浙江" in page.locator("h1").inner_text()
    assert "公告2024年第33号" in main.inner_text()

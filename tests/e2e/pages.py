"""The pages of the console: a name, an address, and who looks at it."""

CO2 = "/datasets/cn-electricity-co2"
RELEASE = f"{CO2}/releases/1.2.0"
ZHEJIANG = f"{RELEASE}/factors/grid-average/cn-zj/2022"
COAL = "/datasets/ipcc-stationary-combustion/releases/1.0.0/factors/combustion/anthracite/energy-industries"

# Read without signing in, and without JavaScript.
READING = {
    "home": "/",
    "search": "/search?q=浙江",
    "search-nothing": "/search?q=qwertyuiop",
    "catalogue": "/datasets",
    "dataset": CO2,
    "release": RELEASE,
    "factors": f"{RELEASE}/factors?region=CN-ZJ",
    "quality": f"{RELEASE}/quality",
    "factor": ZHEJIANG,
    "factor-gases": COAL,
    "difference": f"{CO2}/diff/1.1.0...1.2.0",
    "compare": "/compare?factor=cn-electricity-co2@1.2.0%23grid-average/cn-zj/2022&factor=cn-electricity-co2@1.2.0%23grid-average/cn-js/2022",
    "compare-nothing": "/compare",
    "grid": "/charts/grid",
    "log": "/log",
    "sign-in": "/sign-in",
    "no-such-page": "/datasets/no-such-dataset",
}
OLDER = {
    "certificate": f"/v1{RELEASE}/certificate/grid-average/cn-zj/2022",
    "api-difference": f"/v1{CO2}/diff/1.1.0...1.2.0?format=html",
    "api-quality": f"/v1{RELEASE}/quality?format=html",
}
HOSTILE = {
    "hostile-dataset": "/datasets/hostile",
    "hostile-release": "/datasets/hostile/releases/1.0.0",
    "hostile-factor": "/datasets/hostile/releases/1.0.0/factors/text/00",
    "hostile-long": "/datasets/hostile/releases/1.0.0/factors/text/05",
    "hostile-search": "/search?q=hostile",
}
# Of those who work, on the hostile dataset's draft: who, and where.
DRAFT = "/work/datasets/hostile"
WORKING = {
    "work": ("steward", "/work"),
    "work-dataset": ("admin", DRAFT),
    "work-import": ("steward", f"{DRAFT}/import"),
    "work-draft": ("steward", f"{DRAFT}/draft"),
    "work-factor": ("steward", f"{DRAFT}/draft/factors/text/00"),
    "work-new-factor": ("steward", f"{DRAFT}/draft/new"),
    "work-flags": ("steward", f"{DRAFT}/flags"),
    "work-review": ("reviewer", f"{DRAFT}/review"),
    "work-publish": ("steward", f"{DRAFT}/publish"),
    "work-release": ("reviewer", f"{DRAFT}/releases/1.0.0"),
    "work-tokens": ("admin", "/work/tokens"),
    "work-webhooks": ("steward", "/work/webhooks"),
    "work-events": ("steward", "/work/events"),
}

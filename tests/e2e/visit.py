"""A page in Chromium, and everything that goes wrong in it."""

from dataclasses import dataclass

WIDE, PHONE = (1280, 900), (360, 740)


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page."""

    lang: str = "en"
    scheme: str = "light"
    size: tuple = WIDE

    def __str__(self):
        return f"{self.lang}-{self.scheme}-{self.size[0]}"


# Every pair of language, scheme and width is met in one of the four.
LOOKS = [Look("zh", "light", WIDE), Look("en", "dark", WIDE), Look("en", "light", PHONE), Look("zh", "dark", PHONE)]


class Visit:
    def __init__(self, site, chromium, look, script=True, storage=None):
        self.site, self.problems, self.bytes = site, [], 0
        self.context = chromium.new_context(
            base_url=site.url, locale={"zh": "zh-CN", "en": "en-GB"}[look.lang], color_scheme=look.scheme, timezone_id="Asia/Shanghai",
            viewport={"width": look.size[0], "height": look.size[1]}, java_script_enabled=script, reduced_motion="reduce", storage_state=storage,
            accept_downloads=True,
        )
        self.context.set_default_timeout(60_000)
        self.page = self.context.new_page()
        self.page.on("console", lambda message: message.type in ("error", "warning") and self.wrong(f"console {message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.wrong(f"error: {error}"))
        self.page.on("requestfailed", lambda request: self.wrong(f"failed: {request.url} {request.failure}"))
        self.page.on("request", lambda request: self.foreign(request.url))
        self.wire = self.context.new_cdp_session(self.page)
        self.wire.send("Network.enable")
        self.wire.on("Network.loadingFinished", lambda event: setattr(self, "bytes", self.bytes + int(event["encodedDataLength"])))

    def wrong(self, text):
        # A page that says that there is no such thing is a 404, which Chromium calls an error; downloads end a navigation.
        if "Failed to load resource: the server responded with a status of 4" in text or "net::ERR_ABORTED" in text:
            return
        self.problems.append(f"{self.page.url}: {text}")

    def foreign(self, url):
        if not url.startswith((self.site.url + "/", "data:", "blob:")):
            self.problems.append(f"{self.page.url} asks another host: {url}")

    def go(self, path):
        self.bytes = 0
        answer = self.page.goto(path, wait_until="load")
        assert answer is not None, path
        self.status, self.headers = answer.status, answer.headers
        return self

    def follow(self, act, *arguments):
        """Does what leads to another page, and waits for that."""
        with self.page.expect_navigation(wait_until="load"):
            act(*arguments)
        return self

    def press(self, key):
        return self.follow(self.page.keyboard.press, key)

    def sign_in(self, role):
        self.page.goto("/sign-in")
        self.page.locator("input[name=token]").fill(self.site.token(role))
        self.follow(self.page.locator("main form [type=submit], main form button").first.click)
        assert "/sign-in" not in self.page.url, self.page.locator("main").inner_text()

    def close(self):
        self.context.close()

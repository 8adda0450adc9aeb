"""One visitor, one address, one network, who books all they can: how many visits stand.

    python -m proof.benchmarks.hoarder --base-url http://127.0.0.1:8000

Books on a running demo, through its pages, with one session and one e-mail address under many names, at most `--visits`
(651) and for at most `--seconds` (120). Only addresses of this machine are taken.
"""

import argparse
import html
import http.cookiejar
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product

HERE = frozenset({"127.0.0.1", "localhost", "::1"})
MOST, LONGEST = 651, 120.0
ANSWERS = {"email": "one@example.test", "birth_date": "3/27/1961"}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
ENOUGH = 25
"""After so many refusals in a row the visitor gives up."""

SLOT = re.compile(r'<button name="slot" value="([^"]+)"')
LATER = re.compile(r'href="([^"]+)">Later days')
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')


@dataclass(slots=True)
class Browser:
    """A browser with its cookies."""

    base_url: str
    opener: urllib.request.OpenerDirector = field(init=False)
    cookies: http.cookiejar.CookieJar = field(default_factory=http.cookiejar.CookieJar)

    def __post_init__(self) -> None:
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path: str) -> tuple[int, str, str]:
        """Open a page; return status, where it ended, and its text."""
        return self._open(urllib.request.Request(self.base_url + path))  # noqa: S310  (an address of this machine)

    def post(self, path: str, sent: dict[str, str]) -> tuple[int, str, str]:
        """Send a form, and follow where it leads."""
        token = next((c.value or "" for c in self.cookies if c.name.endswith("csrftoken")), "")
        body = urllib.parse.urlencode(sent | {"csrfmiddlewaretoken": token}).encode()
        request = urllib.request.Request(self.base_url + path, data=body)  # noqa: S310
        request.add_header("Referer", self.base_url + path)
        return self._open(request)

    def _open(self, request: urllib.request.Request) -> tuple[int, str, str]:
        try:
            with self.opener.open(request, timeout=20) as answer:
                return answer.status, answer.url, answer.read().decode()
        except urllib.error.HTTPError as refused:
            return refused.code, refused.url or "", refused.read().decode()


def times(browser: Browser) -> Iterator[str]:
    """Yield free times, page by page through the next weeks."""
    path: str | None = "/book/acu_manual/times/?visit=first"
    while path:
        _, _, page = browser.get(path)
        yield from SLOT.findall(page)
        later = LATER.search(page)
        path = html.unescape(later.group(1)) if later else None


def book(browser: Browser, slot: str, name: str) -> str:
    """Book a time under a name; return what came of it."""
    status, _, page = browser.post("/book/hold/", {"slot": slot})
    if status != 200:  # noqa: PLR2004
        return _heading(page, status)
    browser.post("/book/you/", ANSWERS | {"name": name})
    _, _, check = browser.get("/book/check/")
    status, where, page = browser.post("/book/done/", {k: html.unescape(v) for k, v in HIDDEN.findall(check)})
    if "/book/code/" in where:
        return "waits for a code"
    return "stands" if status == 200 and "/m/" in where else _heading(page, status)  # noqa: PLR2004


def _heading(page: str, status: int) -> str:
    found = re.search(r"<h1>(.*?)</h1>", page, re.DOTALL)
    return f"{status}: {html.unescape(found.group(1).strip()) if found else 'no page'}"


def hoard(base_url: str, *, visits: int, seconds: float) -> Counter[str]:
    """Book until nothing is left, nothing more is given, or time is up; return what came of it."""
    browser, met, refused, until = Browser(base_url), Counter[str](), 0, time.monotonic() + seconds
    names = ("Guest " + "".join(letters) for letters in product(LETTERS, repeat=3))
    for slot in times(browser):
        if sum(met.values()) >= visits or refused >= ENOUGH or time.monotonic() > until:
            break
        came = book(browser, slot, next(names))
        met[came] += 1
        refused = 0 if came == "stands" else refused + 1
    return met


def main(arguments: list[str]) -> int:
    """Try it and print the table."""
    parser = argparse.ArgumentParser(description="How many visits one visitor with one address can take.")
    parser.add_argument("--base-url", default="http://127.0.0.1:8000")
    parser.add_argument("--visits", type=int, default=MOST)
    parser.add_argument("--seconds", type=float, default=LONGEST)
    wanted = parser.parse_args(arguments)
    if urllib.parse.urlsplit(wanted.base_url).hostname not in HERE:
        parser.error("only an address of this machine")
    began = time.monotonic()
    met = hoard(wanted.base_url, visits=min(wanted.visits, MOST), seconds=min(wanted.seconds, LONGEST))
    for came, times_met in met.most_common():
        print(f"{times_met:4}  {came}")
    print(f"{met['stands']} of {sum(met.values())} visits stand after {time.monotonic() - began:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

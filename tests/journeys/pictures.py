"""Pictures of pages, side by side as they look: on a screen, on a phone, in the dark, with large letters, on paper."""

import base64
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from tests.journeys.health_pages import large_letters, usual_letters
from tests.journeys.people import DESK, PHONE

PAPER = (794, 1123)
SHEET_SIZE = (2200, 640)
SHEET = """<style>body {{ margin: 0; display: flex; gap: 12px; padding: 12px; width: max-content; background: #8a8f98 }}
img {{ height: 600px; background: white }}</style>{}"""


@dataclass(frozen=True)
class Look:
    """How somebody looks at a page."""

    size: tuple[int, int]
    scheme: str = "light"
    media: str = "screen"
    large: bool = False


DESK_LOOKS = (Look(DESK), Look(PHONE), Look(PHONE, "dark"), Look(PAPER, media="print"))
PATIENT_LOOKS = (
    Look(PHONE), Look(PHONE, "dark"), Look(PHONE, large=True), Look(DESK), Look(PAPER, media="print"),
)  # fmt: skip


def resize(page: Page, size: tuple[int, int]) -> None:
    """Let a page be seen at this size."""
    page.set_viewport_size(dict(zip(("width", "height"), size, strict=True)))


def picture(page: Page, look: Look) -> str:
    """Return what a page looks like, as the address of a picture."""
    resize(page, look.size)
    page.emulate_media(color_scheme=look.scheme, media=look.media)
    if look.large:
        large_letters(page)
    taken = page.screenshot()
    usual_letters(page)
    return "data:image/png;base64," + base64.b64encode(taken).decode()


def keep_pictures(page: Page, sheet: Page, name: str, looks: Sequence[Look]) -> None:
    """Keep a page as it looks, side by side in one picture, in the folder that SCREENS names."""
    taken = [picture(page, look) for look in looks]
    page.emulate_media(color_scheme="light", media="screen")
    resize(page, PHONE)
    sheet.set_content(SHEET.format("".join(f'<img src="{one}" alt="">' for one in taken)))
    sheet.evaluate("Promise.all([...document.images].map(one => one.decode()))")
    clip = sheet.locator("body").bounding_box() | {"scale": 1}
    whole = sheet.context.new_cdp_session(sheet).send(
        "Page.captureScreenshot", {"format": "webp", "quality": 60, "clip": clip, "captureBeyondViewport": True}
    )
    (Path(os.environ["SCREENS"]) / f"{name}.webp").write_bytes(base64.b64decode(whole["data"]))

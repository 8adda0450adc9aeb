"""The design is shown as it is: colours from the sheet, parts as the pages have them; in the demo alone."""

import pytest

from booking.web import design_page


def test_the_demo_shows_every_colour_and_every_part_by_day_and_by_night(alice, settings):
    settings.DEMO = True
    body = alice.get("/design/").content.decode()
    for name in ("mist", "lake", "alarm-wash"):
        assert f"<strong>{name}</strong>" in body
    assert body.count("visit-card") == 4
    assert body.count('name="slot"') == 6
    assert all(f'class="mode {key}"' in body for key in ("day", "night"))


def test_a_clinic_has_no_such_page(alice, settings):
    settings.DEMO = False
    assert alice.get("/design/").status_code == 404


def test_words_can_be_told_from_what_they_stand_on_by_day_and_by_night():
    found = {one.name: float(one.contrast) for one in design_page.tokens() if one.on}
    assert set(found) == set(design_page.BEHIND)
    assert min(found.values()) >= 4.5, found


@pytest.mark.parametrize(("one", "other", "least"), [("#000000", "#ffffff", 21), ("#777777", "#ffffff", 4.47)])
def test_the_contrast_is_that_of_the_standard(one, other, least):
    assert design_page.contrast(one, other) == pytest.approx(least, abs=0.02)

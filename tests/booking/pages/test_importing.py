"""A clinic brings its tables along: what a file would do is shown, done with one press, and never done twice."""

import io

import pytest

from core.roles import Role
from scheduler.models import Offering, Practitioner
from tests.booking.pages.drafting import staff
from tests.booking.pages.walk import text_of
from tests.factories.browser import sent_from


@pytest.fixture
def ada(site):
    return staff("ada", Role.ADMIN, site)


def looked_at(browser, kind, content, **more):
    if isinstance(content, str):
        content = content.encode()
    file = io.BytesIO(content)
    file.name = f"{kind}.csv"
    return browser.post(f"/desk/import/{kind}/", {"file": file} | more)


def pressed(browser, kind, preview, **more):
    return browser.post(f"/desk/import/{kind}/", sent_from(preview).dict() | {"act": "import"} | more, follow=True)


PRACTITIONERS = (
    "Name;Credentials;Languages;Therapies;Patients at once\r\n"
    "Dana Wu;L.Ac.;English, Spanish;Acupuncture (manual), acu_auricular;2\r\n"
    "Grace Okoro;;;Ear acupuncture;\r\n"
    "Zoë Brien;;Elvish;Bathing;nine\r\n"
)


def test_practitioners_are_shown_made_with_one_press_and_not_made_twice(ada):
    preview = looked_at(ada, "practitioners", PRACTITIONERS.encode("cp1252"))
    said = text_of(preview)
    assert "Read as Windows-1252, columns parted by semicolons." in said
    assert "Column C, Languages: No language is called Elvish." in said
    assert "Column D, Therapies: No therapy in use is called Bathing." in said
    assert "Column E, Patients at once: “nine” is no whole number." in said
    assert not Practitioner.objects.filter(name="Dana Wu").exists()

    said = text_of(pressed(ada, "practitioners", preview))
    assert "Imported: 2 rows. Left out, and to be mended: rows 4." in said
    dana = Practitioner.objects.get(name="Dana Wu")
    assert (dana.languages, dana.lanes, dana.credentials) == (["en", "es"], 2, "L.Ac.")
    assert set(dana.offerings.values_list("therapy__key", flat=True)) == {"acu_manual", "acu_auricular"}

    again = looked_at(ada, "practitioners", PRACTITIONERS)
    assert "2 is there already" in text_of(again)
    assert Offering.objects.filter(practitioner__name="Grace Okoro", therapy__key="acu_auricular").count() == 1

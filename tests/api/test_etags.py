"""How tags are compared (RFC 9110, 13); that every address names its state so is walked in tests/walks."""

import pytest
from rest_framework.test import APIRequestFactory

from core.api import etags
from core.api.etags import Changed, etag_of, require_match, unchanged
from core.refusals import Invalid


def asking(**headers):
    return APIRequestFactory().get("/", headers=headers)


@pytest.mark.parametrize("given", ['"a","b"', ' "a" ,, "b",', '"b"', "*", " * "])
def test_a_list_of_tags_is_read_as_the_rfc_says(given):
    assert require_match(asking(If_Match=given), '"b"')
    assert unchanged(asking(If_None_Match=given), '"b"')


@pytest.mark.parametrize("given", ["", "b", '"a" "b"', '"a""b"', '*, "b"', '"b', 'w/"b"', '"b c"'])
def test_what_is_no_list_of_tags_is_refused(given):
    with pytest.raises(Invalid):
        require_match(asking(If_Match=given), '"b"')


def test_a_comma_inside_a_tag_divides_nothing():
    assert require_match(asking(If_Match='"a,b"'), '"a,b"')
    with pytest.raises(Changed):
        require_match(asking(If_Match='"a,b"'), '"b"')


def test_a_weak_tag_spares_a_reading_and_never_allows_a_change():
    assert unchanged(asking(If_None_Match='W/"b"'), '"b"')
    with pytest.raises(Changed):
        require_match(asking(If_Match='W/"b"'), '"b"')


def test_what_is_shown_otherwise_has_another_tag():
    assert etag_of({"name": "A"}) == etag_of({"name": "A"}) != etag_of({"name": "B"})
    assert etags.ONE.fullmatch(etag_of({}))

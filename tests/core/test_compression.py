"""Pages go out compressed; what they weigh tells nobody what is secret in them."""

import gzip

import pytest
from django.http import HttpResponse, JsonResponse
from django.test import RequestFactory

from core.http.compression import CompressedPagesMiddleware

WORDS = "<p>Your appointment is on Tuesday.</p>" * 40


def answer(made, *, takes: str = "gzip, br"):
    return CompressedPagesMiddleware(lambda _request: made)(RequestFactory().get("/", HTTP_ACCEPT_ENCODING=takes))


def test_a_page_goes_out_compressed_where_the_browser_takes_it():
    page = answer(HttpResponse(WORDS))
    assert page.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in page.headers["Vary"]
    assert len(page.content) < len(WORDS) / 5
    assert gzip.decompress(page.content).decode() == WORDS


@pytest.mark.parametrize("made", [JsonResponse({"a": WORDS}), HttpResponse(WORDS, content_type="text/calendar")])
def test_what_programs_read_stays_as_it_is(made):
    assert "Content-Encoding" not in answer(made).headers


def test_a_browser_that_takes_none_gets_none():
    assert answer(HttpResponse(WORDS), takes="identity").content.decode() == WORDS


def test_the_same_page_weighs_another_amount_each_time():
    assert len({len(answer(HttpResponse(WORDS)).content) for _ in range(40)}) > 10


def test_twin_without_random_bytes_its_weight_tells_of_it(monkeypatch):
    monkeypatch.setattr(CompressedPagesMiddleware, "max_random_bytes", 0)
    assert len({len(answer(HttpResponse(WORDS)).content) for _ in range(40)}) == 1

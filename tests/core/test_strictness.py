"""What is sent is taken literally, and what cannot be text stops at the edge."""

import io
from datetime import date
from importlib import import_module

import pytest
from django.core.exceptions import BadRequest
from django.test import RequestFactory
from django.urls import path
from rest_framework import serializers
from rest_framework.exceptions import ParseError
from rest_framework.response import Response

from core.api import CalendarDate, Instant, StrictParser, StrictSerializer
from core.api.etags import Changed, etag_of, require_match, unchanged
from core.api.views import ApiListView, ApiView
from core.http.request_limits import RequestLimitsMiddleware
from core.models import Site
from core.refusals import Invalid
from core.rights import Action


class Question(StrictSerializer):
    """A question."""

    since = Instant(required=False)


class Asking(ApiView):
    """Answers with what it understood."""

    rights = {"GET": Action.SEE_SERVICE, "POST": Action.SEE_SERVICE}
    query = Question

    class form(StrictSerializer):  # noqa: N801
        """A body with something inside."""

        name = serializers.CharField()
        tags = serializers.ListField(child=serializers.CharField(), required=False)
        inner = Question(required=False)

    def get(self, request):
        return Response({name: str(value) for name, value in self.validated_query().items()})

    def post(self, request):
        return Response({name: str(value) for name, value in self.validated_body().items()})


class Listing(ApiListView):
    """A list."""

    rights = {"GET": Action.SEE_SERVICE}
    queryset = Site.objects.all()

    class serializer_class(serializers.ModelSerializer):  # noqa: N801
        class Meta:
            model = Site
            fields = ["key"]


urlpatterns = [path("api/v1/asking/", Asking.as_view()), path("api/v1/listing/", Listing.as_view())]


@pytest.fixture
def api(settings, visitor, db):
    settings.ROOT_URLCONF = __name__
    return visitor


def test_an_unknown_parameter_is_refused_by_name(api):
    refused = api.get("/api/v1/asking/?sinse=2026-01-01T00:00:00Z&x=1")
    assert refused.status_code == 400
    assert [e["parameter"] for e in refused.json()["errors"]] == ["sinse", "x"]


def test_a_parameter_given_twice_is_refused(api):
    refused = api.get("/api/v1/asking/?since=2026-01-01T00:00:00Z&since=2027-01-01T00:00:00Z")
    assert refused.json()["errors"][0] == {"parameter": "since", "detail": "Given twice.", "code": "repeated"}


def test_unknown_fields_are_refused_by_name_also_inside(api):
    refused = api.post("/api/v1/asking/", {"name": "x", "is_staff": True, "inner": {"sinse": 1}}, format="json")
    assert refused.status_code == 400
    assert {e["pointer"] for e in refused.json()["errors"]} == {"/is_staff", "/inner/sinse"}
    refused = api.post("/api/v1/asking/", {"name": "x", "inner": {"sinse": 1}}, format="json")
    assert {e["pointer"] for e in refused.json()["errors"]} == {"/inner/sinse"}


@pytest.mark.parametrize("name", [5, 1.5])
def test_a_number_is_not_taken_for_a_text(api, name):
    refused = api.post("/api/v1/asking/", {"name": name}, format="json")
    assert refused.status_code == 400
    assert refused.json()["errors"] == [{"pointer": "/name", "detail": "Not a text.", "code": "invalid"}]


def test_all_that_is_wrong_is_named_at_once(api):
    refused = api.post("/api/v1/asking/", {"name": 5, "tags": ["a", 5], "inner": "x", "odd": 1}, format="json")
    assert {e["pointer"] for e in refused.json()["errors"]} == {"/name", "/tags", "/inner", "/odd"}


@pytest.mark.parametrize("time", ["0001-01-01T00:00:00%2B14:00", "9999-12-31T23:59:59-12:00", "1066-10-14T09:00:00Z"])
def test_a_time_outside_of_the_calendar_is_too_far_away(api, time):
    assert api.get(f"/api/v1/asking/?since={time}").json()["errors"][0]["detail"] == "This is too far away."


@pytest.mark.parametrize("body", ["[]", "3", "null", '"x"'])
def test_a_body_that_is_no_object_is_refused(api, body):
    assert api.post("/api/v1/asking/", body, content_type="application/json").status_code == 400


@pytest.mark.parametrize(
    "time",
    ["2026-01-01T00:00:00", "2026-01-01", "yesterday", "2026-02-30T00:00:00Z", "0001-01-01T00:00:00%2B14:00", ""],
)
def test_a_time_needs_its_offset(api, time):
    refused = api.get(f"/api/v1/asking/?since={time}")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["parameter"] == "since"


def test_a_time_with_its_offset_is_understood(api):
    assert api.get("/api/v1/asking/?since=2026-01-01T00:00:00-06:00").json()["since"] == "2026-01-01 06:00:00+00:00"
    assert api.get("/api/v1/asking/?since=2026-01-01t06:00:00.5z").json()["since"] == "2026-01-01 06:00:00.500000+00:00"


@pytest.mark.parametrize(
    "raw",
    [b"{", b"\xff", b'{"a": NaN}', b'{"a": 1, "a": 2}', b'{"a": "\\u0000"}', b'{"a": "\\ud800"}', b'{"\\u0000": 1}',
     b"[" * 100_000, b'{"a": ' + b"[" * 20 + b"]" * 20 + b"}", b"1" * 5000],
)  # fmt: skip
def test_a_body_that_is_no_plain_json_is_refused(raw):
    with pytest.raises(ParseError):
        StrictParser().parse(io.BytesIO(raw))


@pytest.mark.parametrize(
    "query", ["page_size=101", "page_size=0", "page_size=x", "page=0", "page=-1", "page=%D9%A1", "page=" + "9" * 30]
)
def test_a_page_that_cannot_be_is_refused(api, query):
    refused = api.get(f"/api/v1/listing/?{query}")
    assert refused.status_code == 400
    assert refused.json()["errors"][0]["parameter"] == query.split("=")[0]


def test_a_page_after_the_last_is_not_there(api):
    assert api.get("/api/v1/listing/?page=2").status_code == 404


@pytest.mark.parametrize("method", ["put", "delete", "options", "patch"])
def test_a_method_that_a_door_lacks_is_405_as_a_problem(api, method):
    refused = getattr(api, method)("/api/v1/asking/")
    assert refused.status_code == 405
    assert refused.json()["code"] == "method-not-allowed"
    assert "GET" in refused.headers["Allow"]


def test_a_form_is_415_and_html_is_406(api):
    assert api.post("/api/v1/asking/", "name=x", content_type="application/x-www-form-urlencoded").status_code == 415
    assert api.get("/api/v1/asking/", HTTP_ACCEPT="text/html").status_code == 406


def test_more_than_a_mebibyte_is_413(api):
    refused = api.post("/api/v1/asking/", '{"name": "' + "x" * 1_100_000 + '"}', content_type="application/json")
    assert refused.status_code == 413
    assert refused.json()["code"] == "too-large"


@pytest.mark.parametrize(
    "address",
    ["/api/v1/asking/?since=%00", "/api/v1/asking/?a=%ff", "/api/v1/%00", "/api/v1/%ff/", "/api/v1/asking/?%C3%28=1"],
)
def test_bytes_that_are_no_text_stop_at_the_edge(api, address):
    refused = api.get(address)
    assert refused.status_code == 400
    assert refused.json()["code"] == "bad-request"


def test_a_body_with_a_nul_or_broken_text_stops_at_the_edge(api):
    for body in (b'{"name": "\x00"}', b'{"name": "\xff"}'):
        assert api.post("/api/v1/asking/", body, content_type="application/json").json()["code"] == "bad-request"


def edge(request):
    return RequestLimitsMiddleware(lambda request: "passed")(request)


@pytest.mark.parametrize("value", ["a\0b", "\xff\xfe"])
def test_headers_that_steer_are_text_too(value):
    with pytest.raises(BadRequest):
        edge(RequestFactory().get("/", HTTP_IDEMPOTENCY_KEY=value))


def test_forms_are_looked_at_as_sent_and_files_are_not():
    factory = RequestFactory()
    with pytest.raises(BadRequest):
        edge(factory.post("/", "name=%00", content_type="application/x-www-form-urlencoded"))
    assert edge(factory.post("/", {"name": "Zoë"})) == "passed"
    assert edge(factory.post("/", "name=Zo%C3%AB", content_type="application/x-www-form-urlencoded")) == "passed"


def test_a_form_in_parts_is_text_too():
    with pytest.raises(BadRequest):
        edge(RequestFactory().post("/", {"name": "a\0b"}))


def test_nobody_sends_files():
    refused = edge(RequestFactory().post("/", {"name": "Zoë", "photo": io.BytesIO(b"x")}))
    assert refused.status_code == 415


def test_twin_with_django_s_own_handlers_a_file_is_taken(settings):
    settings.FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
    assert edge(RequestFactory().post("/", {"photo": io.BytesIO(b"x")})) == "passed"


@pytest.mark.parametrize("form", ["application/json", "multipart/form-data; boundary=x"])
def test_what_says_that_it_is_too_much_is_not_even_read(form):
    class Unread:
        def read(self, *_):
            raise AssertionError

    request = RequestFactory().post("/", b"x", content_type=form)
    request.META |= {"CONTENT_LENGTH": "300000000", "wsgi.input": Unread()}
    assert edge(request).status_code == 413


def test_too_large_a_form_stops_at_the_edge():
    too_much = RequestFactory().post("/", "a" * 1_100_000, content_type="application/x-www-form-urlencoded")
    assert edge(too_much).status_code == 413


SEEN = etag_of({"version": 3})


class Tagged:
    """A request with one header."""

    def __init__(self, **headers):
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def test_nobody_overwrites_what_they_have_not_seen():
    assert require_match(Tagged(If_Match=f'"x", {SEEN}'), SEEN)
    assert require_match(Tagged(If_Match="*"), SEEN)
    assert not require_match(Tagged(), SEEN)
    for stale in ('"x"', f"W/{SEEN}"):
        with pytest.raises(Changed):
            require_match(Tagged(If_Match=stale), SEEN)
    with pytest.raises(Invalid):
        require_match(Tagged(If_Match="no quotes"), SEEN)


def test_who_has_it_already_is_told_so():
    assert unchanged(Tagged(If_None_Match=f"W/{SEEN}"), SEEN)
    assert not unchanged(Tagged(If_None_Match='"x"'), SEEN)
    assert not unchanged(Tagged(), SEEN)


@pytest.mark.parametrize(
    "day", ["20261126", "2026-W48-4", "2026-11-6", "2026-11-26T00:00:00Z", "\uff12\uff10\uff12\uff16-11-26", 20261126]
)
def test_a_day_is_written_in_one_way_alone(day):
    with pytest.raises(serializers.ValidationError):
        CalendarDate().run_validation(day)
    assert CalendarDate().run_validation("2026-11-26") == date(2026, 11, 26)


@pytest.mark.parametrize(("day", "words"), [("9999-12-31", "too far away"), ("9999-02-30", "wrong format")])
def test_a_day_that_nobody_can_reckon_on_is_said_to_be_too_far_away(day, words):
    with pytest.raises(serializers.ValidationError, match=words):
        CalendarDate().run_validation(day)


def test_every_day_that_the_api_takes_is_read_alike():
    import_module("config.urls")  # with every view, and what it reads
    forms = [kind for kind in subclasses(StrictSerializer) if kind.__module__.split(".")[0] != "tests"]
    days = [field for kind in forms for field in kind().fields.values() if isinstance(field, serializers.DateField)]
    assert len(days) >= 8
    assert {type(field) for field in days} == {CalendarDate}


def subclasses(kind):
    return {kind}.union(*(subclasses(one) for one in kind.__subclasses__()))

"""No header breaks a page, and none is believed that anybody could write."""

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.test import RequestFactory

from core.api import health
from core.http import request_headers
from core.http.networks import network_of
from core.http.request_headers import CLEAN, STEERING, CleanApplication, clean
from core.monitoring.proxies import MANY, ProxyCount

CHARSETS = [
    "rot13",
    "utf-16",
    "utf-7",
    "idna",
    "base64",
    "undefined",
    "punycode",
    "nonsense",
    "\xe9",
    "*",
    "",
    "'",
    '"',
]
TYPES = [
    *(f"application/x-www-form-urlencoded; charset={name}" for name in CHARSETS),
    *(f"application/json; charset={name}" for name in CHARSETS),
    "application/json; charset*=rot13'en'%41", "text/plain; charset*0*=x", "application/json; charset*=x'y",
    "multipart/form-data; boundary=x; charset=rot13", "multipart/form-data; boundary=", "multipart/form-data",
    "multipart/form-data; boundary=\xff", ";", "; charset=rot13", "/", "*/*", "application/json" + ";a=b" * 2000,
]  # fmt: skip
ODD = {
    "HTTP_ACCEPT": [";;;", "*/*;q=x", "text/html;q=" + "9" * 400, "a/b" * 900, "application/json; indent=\xff"],
    "HTTP_ACCEPT_LANGUAGE": ["\xff", "xx-" * 900, "en;q=nan", "*;q=1e999", "de_DE@euro", "i-" + "9" * 600],
    "HTTP_AUTHORIZATION": [
        "Token",
        "Token ",
        "Token \xff",
        "Token a b",
        "Basic !!!",
        "Bearer x",
        "\xff",
        "Token " + "a" * 9000,
    ],
    "HTTP_COOKIE": ["\xff", "a=\xff; b=1", "=;=;=", "a" * 9000, "session=\x01", "csrftoken=" + "x" * 64, 'a="\\777"'],
    "HTTP_HOST": ["\xff", "a b", "[::", "x" * 3000, "127.0.0.1:99999", ":", "", "@", "127.0.0.1.", "[::1]:x"],
    "HTTP_RANGE": ["bytes=9-1", "bytes=" + "9" * 600 + "-", "x=1", "bytes=\xff", "bytes=--1", "bytes=0-0," * 900],
    "HTTP_IF_MATCH": ['"', "*", "W/", "\xff", "a,b,,,", '"' + "x" * 9000],
    "HTTP_IF_NONE_MATCH": ['"', "*", "W/", "\xff", "a,b,,,", '"' + "x" * 9000],
    "HTTP_IF_MODIFIED_SINCE": [
        "x",
        "\xff",
        "Sun, 99 Foo 99999 99:99:99 GMT",
        "Thu, 01 Jan 0000 00:00:00 GMT",
        "9" * 600,
    ],
    "HTTP_IDEMPOTENCY_KEY": ["", "\xff", "\x01", "x" * 9000],
    "HTTP_X_CSRFTOKEN": ["\xff", "x" * 9000],
    "HTTP_X_HTTP_METHOD_OVERRIDE": ["DELETE", "\xff"],
    "HTTP_X_FORWARDED_FOR": ["\xff", ",,,", "1.2.3.4, nonsense", "x" * 9000],
    "HTTP_X_FORWARDED_PROTO": ["\xff", ",,,", "https, http"],
    "HTTP_X_FORWARDED_HOST": ["\xff", "evil.example"],
    "HTTP_FORWARDED": ["for=\xff", "for=1.2.3.4;proto=https"],
    "HTTP_SCRIPT_NAME": ["/x", "\xff"],
    "HTTP_REFERER": ["\xff", "http://[", "https://" + "x" * 9000],
    "HTTP_ORIGIN": ["null", "\xff", "http://[", "://"],
    "HTTP_USER_AGENT": ["\xff", "Zo\xeb", "x" * 9000],
    "HTTP_HX_REQUEST": ["\xff"],
    "CONTENT_LENGTH": ["x", "-1", " ", "\xb2", "9" * 5000],
}
PATHS = ("/book/", "/admin/login/", "/api/v1/sites/", "/static/core/style.css", "/m/x/", "/nowhere")


@pytest.fixture
def met(pytestconfig):
    """Return which pages an odd value meets: one after the other, and all of them with --full."""
    return lambda number: PATHS if pytestconfig.getoption("--full") else [PATHS[number % len(PATHS)]]


def status(client, method, path, **odd) -> int:
    return client.generic(method, path, b"a=1" if method == "POST" else b"", **odd).status_code


@pytest.mark.parametrize("name", ODD)
def test_an_odd_header_is_never_a_fault(client, db, met, name):
    client.raise_request_exception = False
    steers = name in {*STEERING, "CONTENT_LENGTH"}
    for number, value in enumerate(ODD[name]):
        assert steers or status(client, "GET", "/book/", **{name: value}) == 200
        for path in met(number):
            assert status(client, ("GET", "POST")[number % 2], path, **{name: value}) < 500


def test_an_odd_type_is_never_a_fault(client, db, met):
    client.raise_request_exception = False
    for number, form in enumerate(TYPES):
        environ = RequestFactory().generic("POST", "/", b"a=1", content_type="text/plain").META | {"CONTENT_TYPE": form}
        seen = []
        CleanApplication(lambda cleaned, _start, seen=seen: seen.append(WSGIRequest(cleaned)))(environ, None)
        for path in met(number):
            assert status(client, "POST", path, CONTENT_TYPE=seen[0].META["CONTENT_TYPE"]) < 500


@pytest.mark.parametrize("charset", ["rot13", "utf-16", "latin-1"])
def test_a_form_in_another_charset_is_told_so(client, db, charset):
    form = f"application/x-www-form-urlencoded; charset={charset}"
    assert client.generic("POST", "/book/", b"therapy=x", content_type=form).status_code == 415
    assert client.get("/book/", CONTENT_TYPE=form).status_code == 200
    told = client.generic("POST", "/api/v1/holds/", b"{}", content_type=f"application/json; charset={charset}")
    assert (told.status_code, told.json()["code"]) == (415, "unsupported-media-type")


def cleaned(**environ):
    clean(environ)
    assert environ.pop(CLEAN)
    return environ


def test_a_stray_byte_in_one_cookie_leaves_the_others():
    assert cleaned(HTTP_COOKIE="session=abc; odd=\xff; csrftoken=def")["HTTP_COOKIE"] == "session=abc; csrftoken=def"
    assert cleaned(HTTP_COOKIE="name=Zo\xc3\xab; a=\x00; b=1")["HTTP_COOKIE"] == "name=Zo\xc3\xab; b=1"


def test_a_header_that_is_no_text_goes_but_for_those_that_steer():
    found = cleaned(HTTP_USER_AGENT="Zo\xeb", HTTP_X_NAME="a\0b", HTTP_ACCEPT="*/*", HTTP_IF_MATCH="\xff")
    assert set(found) == {"HTTP_ACCEPT", "HTTP_IF_MATCH", "SCRIPT_NAME"}


def test_no_header_moves_the_service_to_another_address():
    assert cleaned(SCRIPT_NAME="/evil")["SCRIPT_NAME"] == ""


def behind_proxies(settings, count, forwarded, **more):
    settings.TRUSTED_PROXIES = count
    return cleaned(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=forwarded, **more)


@pytest.mark.parametrize(
    ("count", "forwarded", "address"),
    [
        (0, "1.1.1.1", "10.0.0.1"),
        (1, "1.1.1.1", "1.1.1.1"),
        (1, "6.6.6.6, 1.1.1.1", "1.1.1.1"),
        (2, "6.6.6.6, 1.1.1.1, 10.0.0.9", "1.1.1.1"),
        (2, "10.0.0.9", ""),
        (3, "1.1.1.1, 10.0.0.9", ""),
        (1, "", ""),
        (1, "6.6.6.6, nonsense", ""),
        (1, "2001:db8::1", "2001:db8::1"),
    ],
)
def test_only_counted_proxies_say_where_somebody_comes_from(settings, count, forwarded, address):
    assert behind_proxies(settings, count, forwarded)["REMOTE_ADDR"] == address


def test_headers_are_made_readable_once_however_many_doors_they_come_through(settings):
    settings.TRUSTED_PROXIES = 1
    environ = {"HTTP_X_FORWARDED_FOR": "1.1.1.1", "REMOTE_ADDR": "10.0.0.1"}
    for _ in range(2):
        clean(environ)
    assert environ["REMOTE_ADDR"] == "1.1.1.1"


def test_twin_counted_from_the_left_a_visitor_says_where_they_come_from(settings, monkeypatch):
    monkeypatch.setattr(request_headers, "visitor", lambda forwarded, _count: forwarded.split(",")[0])
    assert behind_proxies(settings, 1, "6.6.6.6, 1.1.1.1")["REMOTE_ADDR"] == "6.6.6.6"


def test_where_a_counted_proxy_is_silent_nobody_shares_its_network(settings, rf):
    found = behind_proxies(settings, 2, "10.0.0.9")
    assert network_of(rf.get("/", REMOTE_ADDR=found["REMOTE_ADDR"])) == ""
    assert network_of(rf.get("/", REMOTE_ADDR=behind_proxies(settings, 1, "10.0.0.9")["REMOTE_ADDR"]))


def test_only_counted_proxies_say_by_which_scheme(settings):
    assert "HTTP_X_FORWARDED_PROTO" not in behind_proxies(settings, 0, "", HTTP_X_FORWARDED_PROTO="https")
    found = behind_proxies(
        settings, 1, "", HTTP_X_FORWARDED_PROTO="https, http", HTTP_X_FORWARDED_HOST="evil", HTTP_FORWARDED="x"
    )
    assert found["HTTP_X_FORWARDED_PROTO"] == "http"
    assert not {"HTTP_X_FORWARDED_HOST", "HTTP_FORWARDED", "HTTP_X_FORWARDED_FOR"} & found.keys()


@pytest.mark.parametrize("said", ["HTTPS", "Https", "https , HTTPS"])
def test_a_proxy_that_writes_the_scheme_in_capitals_is_understood(settings, said):
    assert behind_proxies(settings, 1, "1.1.1.1", HTTP_X_FORWARDED_PROTO=said)["HTTP_X_FORWARDED_PROTO"] == "https"


@pytest.fixture
def counted(monkeypatch):
    """A process that has seen no request yet."""
    count = ProxyCount()
    for module in (request_headers, health):
        monkeypatch.setattr(module, "proxies_seen", count)


def test_whoever_counts_too_many_proxies_is_told_on_readyz_and_in_the_log(settings, counted, caplog):
    for _ in range(MANY - 1):
        behind_proxies(settings, 2, "1.1.1.1")
    assert health.proxies().code == "ok"
    behind_proxies(settings, 2, "1.1.1.1")
    found = health.proxies()
    assert (found.code, found.needed) == ("too-few", False)
    assert "TRUSTED_PROXIES" in found.words
    assert len([line for line in caplog.messages if "no limit for a network holds" in line]) == 1
    behind_proxies(settings, 2, "1.1.1.1, 10.0.0.9")
    assert health.proxies().code == "ok"


def test_questions_for_the_health_from_the_machine_itself_are_no_sign_of_a_wrong_count(settings, counted):
    for _ in range(MANY):
        behind_proxies(settings, 1, "", PATH_INFO="/readyz")
    assert health.proxies().code == "ok"


def test_twin_without_the_cleaning_a_charset_breaks_the_request_before_anybody_answers(rf):
    environ = rf.get("/?a=%41").META | {"CONTENT_TYPE": "application/x-www-form-urlencoded; charset=rot13"}
    with pytest.raises(LookupError):
        WSGIRequest(dict(environ))
    assert CleanApplication(lambda cleaned, _start: WSGIRequest(cleaned).GET["a"])(environ, None) == "A"

"""One kept-open connection to the service, as an API client uses it."""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

PATIENCE = 30
TRIES = 3
FAULT = 500


class NotThere(Exception):  # noqa: N818  (said to the user in one sentence)
    """Nobody answers at the address."""


@dataclass(frozen=True, slots=True)
class HttpAnswer:
    """What came back: status, body, and how long it took in seconds."""

    status: int
    body: Any
    seconds: float

    @property
    def code(self) -> str:
        """The problem's code, or the status where the body names none."""
        found = self.body.get("code") if isinstance(self.body, dict) else None
        return str(found or self.status)


@dataclass(slots=True)
class HttpConnection:
    """A connection of one client; opened again when the server closed it."""

    base_url: str
    token: str
    open: http.client.HTTPConnection | None = field(default=None)

    def get(self, path: str, **query: object) -> HttpAnswer:
        """Send a GET."""
        return self.send("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: object, *, key: str = "") -> HttpAnswer:
        """Send a POST, with an Idempotency-Key where one is given."""
        return self.send("POST", path, body, key=key)

    def send(self, method: str, path: str, body: object = None, *, key: str = "") -> HttpAnswer:
        """Send a request; what is safe to repeat is repeated when the line breaks. Raises NotThere."""
        for attempt in range(1, TRIES + 1):
            try:
                return self._once(method, path, body, key)
            except (OSError, http.client.HTTPException) as error:
                self.close()
                safe = method == "GET" or key
                if attempt == TRIES or not safe:
                    raise NotThere(f"{method} {path}: {error!r}") from error
        raise NotThere(path)

    def _once(self, method: str, path: str, body: object, key: str) -> HttpAnswer:
        headers = {"Authorization": f"Token {self.token}", "Accept": "application/json"}
        headers |= {"Idempotency-Key": key} if key else {}
        headers |= {"Content-Type": "application/json"} if body is not None else {}
        begun = time.perf_counter()
        line = self._connection()
        line.request(method, f"/api/v1{path}", None if body is None else json.dumps(body), headers)
        response = line.getresponse()
        raw = response.read()
        return HttpAnswer(response.status, read(raw), time.perf_counter() - begun)

    def _connection(self) -> http.client.HTTPConnection:
        if self.open is None:
            there = urlsplit(self.base_url)
            kind = http.client.HTTPSConnection if there.scheme == "https" else http.client.HTTPConnection
            self.open = kind(there.hostname or "", there.port, timeout=PATIENCE)
        return self.open

    def close(self) -> None:
        """Close the connection, if it is open."""
        if self.open is not None:
            self.open.close()
            self.open = None


def read(raw: bytes) -> Any:  # noqa: ANN401  (whatever JSON holds)
    """Return a JSON body, or None where there is none or another kind."""
    try:
        return json.loads(raw)
    except ValueError:
        return None

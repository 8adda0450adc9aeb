"""One intent, one act: the same key gets the same answer, however often it is sent, in parallel or after a crash."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext_lazy as _
from psycopg.errors import LockNotAvailable
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request

from core import sealing
from core.database import deletion
from core.database.transactions import unit
from core.http.problems import CONTENT_TYPE, body_of, headers_of
from core.models import IdempotencyKey
from core.principal import Principal
from core.refusals import Invalid, Refusal

HEADER = "Idempotency-Key"
REPLAYED = "Idempotency-Replayed"
LONGEST = 255
KEPT = timedelta(hours=72)
PURPOSE = "answers"  # they tell of people: they are sealed, and a body is told from others by a keyed hash
STORED_REFUSALS = frozenset({409, 410, 422})
"""Answers of the domain. Wrong input, missing rights, waiting and faults are not: the next try may go better."""

# Time-out, row and time-out again in one round trip: waiting two seconds holds for the key alone.
INSERT = """
SET LOCAL lock_timeout = '2s';
INSERT INTO core_idempotencykey (principal, key, body_hash, answer, headers, created_at)
VALUES (%s, %s, %s, '', '{}', %s)
ON CONFLICT (principal, key) DO NOTHING RETURNING id;
SET LOCAL lock_timeout TO DEFAULT
"""


KEEP = "UPDATE core_idempotencykey SET status = %s, answer = %s, headers = %s WHERE principal = %s AND key = %s"


class KeyMissing(Invalid):
    """This act needs an `Idempotency-Key` header, so that sending it twice does it once."""

    code = "idempotency-key-missing"
    title = _("A key is missing.")


class KeyReused(Refusal):
    """The key belongs to another request: a new intent needs a new key."""

    code = "idempotency-key-reused"
    status = 422
    title = _("This key was used for something else.")


class InProgress(Refusal):
    """The first request with this key is still being worked on. Send the same request again."""

    code = "idempotency-in-progress"
    status = 409
    title = _("This is still being worked on.")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request is answered with. `body` is None for an empty answer."""

    status: int
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """The body as it goes over the wire."""
        return "" if self.body is None else JSONRenderer().render(self.body).decode()


def once(request: Request, principal: Principal, act: Callable[[], Answer], *, at: datetime, required: bool) -> Answer:
    """Act once for the request's key, or give the answer that was given before.

    Whatever depends on how things stand (rows, names in the body, rights to them) belongs into `act`: an answer that
    was given stays given, also when what it spoke of has changed or gone since.
    Without a key: act, or raise KeyMissing when `required`. Raises Invalid, KeyReused, InProgress, and what `act`
    raises, as far as it is no answer of the domain (those come back as answers, and are kept).
    """
    key = key_of(request)
    if key is None:
        if required:
            raise KeyMissing(errors=[{"header": HEADER, "detail": str(_("Give a key.")), "code": "required"}])
        return act()
    asked = fingerprint(request.method or "", request.get_full_path(), request.data)
    return _once(principal.key, key, sealing.digests(asked, purpose=PURPOSE), act, at=at)


def key_of(request: Request) -> str | None:
    """Return the request's key, or None. Raises Invalid unless it is 1 to 255 visible characters."""
    key = request.headers.get(HEADER)
    if key is not None and not (0 < len(key) <= LONGEST and all("!" <= letter <= "~" for letter in key)):
        detail = str(_("Give 1 to 255 visible characters."))
        raise Invalid(errors=[{"header": HEADER, "detail": detail, "code": "invalid"}])
    return key


def fingerprint(method: str, path: str, body: object) -> str:
    """Return what is asked in one line: method, path with its query, and body, whatever the order of its keys."""
    return json.dumps([method, path, body], sort_keys=True, separators=(",", ":"), default=str)


@unit
def _once(principal: str, key: str, digests: tuple[str, ...], act: Callable[[], Answer], *, at: datetime) -> Answer:
    if not _take(principal, key, digests[0], at=at):
        return _replayed(principal, key, digests)
    try:
        with transaction.atomic():
            # In a savepoint: a refusal undoes what was begun, and the key's row stands, to keep the refusal.
            answer = act()
    except Refusal as refusal:
        if refusal.status not in STORED_REFUSALS:
            raise
        headers = headers_of(refusal) | {"Content-Type": CONTENT_TYPE}
        answer = Answer(status=refusal.status, body=body_of(refusal), headers=headers)
    sealed = sealing.seal(answer.text, purpose=PURPOSE)
    with connection.cursor() as cursor:
        cursor.execute(KEEP, [answer.status, sealed, json.dumps(dict(answer.headers)), principal, key])
    return answer


def _take(principal: str, key: str, digest: str, *, at: datetime) -> bool:
    """Whether the key is ours now. Waits up to two seconds for a request that holds it. Raises InProgress."""
    try:
        with connection.cursor() as cursor:
            cursor.execute(INSERT, [principal, key, digest, at])
            cursor.nextset()
            return cursor.fetchone() is not None
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise InProgress from error
        raise


def _replayed(principal: str, key: str, digests: tuple[str, ...]) -> Answer:
    row = IdempotencyKey.objects.get(principal=principal, key=key)
    text = sealing.unseal(row.answer, purpose=PURPOSE)
    # Sealed with a key that is gone, an answer is as unknown as that of another request.
    if row.body_hash not in digests or text is None:
        raise KeyReused
    body = json.loads(text) if text else None
    return Answer(status=row.status or 0, body=body, headers=row.headers | {REPLAYED: "true"})


def prune(*, at: datetime) -> int:
    """Forget the answers that are older than 72 hours; return how many."""
    return deletion.delete(IdempotencyKey.objects.filter(created_at__lt=at - KEPT))

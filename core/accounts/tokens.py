"""API tokens: whose they are, when they were last used, and their end. A new password ends all that there are."""

from datetime import datetime, timedelta

from django.db.models import QuerySet
from knox.models import AuthToken

from core.database.compiled import Argument, CompiledQuery
from core.models import TokenNote, User

NOTED = timedelta(hours=1)
"""How exactly the last use is known: reading over the API seldom writes."""


def make(user: User, *, name: str) -> tuple[str, AuthToken]:
    """Make a token that opens the API as `user`; return it, which nobody can do again, and its row."""
    # Of the token the row keeps a hash alone: a copy of the database opens nothing.
    row, token = AuthToken.objects.create(user)
    TokenNote.objects.create(token=row, name=name)
    return str(token), row


def live(at: datetime | Argument) -> QuerySet[AuthToken]:
    """Return the tokens that have not ended, the newest first, with what is noted of them."""
    found: QuerySet[AuthToken] = AuthToken.objects.exclude(expiry__lte=at).select_related("note").order_by("-created")
    return found


TOKEN = CompiledQuery(lambda: live(Argument("at")).select_related("user").filter(digest=Argument("digest"))[:1])


def token_of(digest: str, *, at: datetime) -> AuthToken | None:
    """Return the token with this hash that has not ended, with whose it is and what is noted of it."""
    return TOKEN.first(at=at, digest=digest)


def note_use(token: AuthToken, *, at: datetime) -> None:
    """Note that a token was used, once an hour."""
    note = getattr(token, "note", None)
    if note is not None and note.used_at is not None and at - note.used_at < NOTED:
        return
    used = TokenNote(token=token, name=note.name if note else "", used_at=at)
    TokenNote.objects.bulk_create([used], update_conflicts=True, unique_fields=["token"], update_fields=["used_at"])

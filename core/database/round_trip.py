"""Several statements that read, sent in one round trip: each keeps its arguments and what its rows mean."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import connection

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class ReadStatement(Generic[Answer]):
    """A statement that reads; `understand` makes the answer of its rows. Made, it is not sent yet."""

    statement: str
    arguments: Mapping[str, Any]
    understand: Callable[[list[tuple[Any, ...]]], Answer]


def read_together(*wanted: ReadStatement[Any] | None) -> list[Any]:
    """Send statements together and return their answers in order; None is answered by None.

    Values are put into the text on this side, as Django's own are: a statement with bound parameters goes alone.
    """
    sent = [one for one in wanted if one]
    answers = iter(_answers(sent) if sent else ())
    return [next(answers) if one else None for one in wanted]


def _answers(sent: Sequence[ReadStatement[Any]]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(";".join(cursor.mogrify(one.statement, one.arguments) for one in sent))
        answers = [sent[0].understand(cursor.fetchall())]
        for one in sent[1:]:
            cursor.nextset()
            answers.append(one.understand(cursor.fetchall()))
    return answers

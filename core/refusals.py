"""Every expected "no": what it is called, how HTTP says it, and the facts that go with it."""

from collections.abc import Iterable
from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):  # noqa: N818  (a refusal is an answer, not an error)
    """An expected "no". Subclasses set code, status and title; facts are public, JSON-ready values."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 409
    title: ClassVar[str | Promise] = _("This cannot be done.")

    def __init__(self, detail: str | Promise = "", **facts: object) -> None:
        super().__init__(str(detail or self.title))
        self.detail = detail
        self.facts = facts


class Missing(Refusal):
    """Nothing is there, or nothing that this person may know of."""

    code = "not-found"
    status = 404
    title = _("There is nothing here.")


class Forbidden(Refusal):
    """The person is known and may not do this."""

    code = "forbidden"
    status = 403
    title = _("You may not do this.")


class Invalid(Refusal):
    """What was sent cannot be understood. `errors`: a list of {"pointer" or "parameter", "detail", "code"}."""

    code = "invalid"
    status = 400
    title = _("Some of what was sent is not right.")

    def __init__(
        self, detail: str | Promise = "", *, pointer: str = "", errors: list[dict[str, str]] | None = None
    ) -> None:
        found = errors or [{"pointer": pointer, "detail": str(detail)}]
        super().__init__(detail, errors=[{"code": "invalid"} | one for one in found])


def refuse_invalid(wrong: Iterable[tuple[str, str, bool]]) -> None:
    """Refuse as Invalid what is wrong in (field, what to say, whether it is wrong), all of it at once."""
    # One by one, whoever fills in a form would press the button as often as something is wrong.
    found = dict.fromkeys((field, detail) for field, detail, is_wrong in wrong if is_wrong)
    if found:
        raise Invalid(errors=[{"pointer": f"/{field}", "detail": detail} for field, detail in found])


class Busy(Refusal):
    """The database could not finish in time; the same request may be sent again."""

    code = "busy"
    status = 503
    title = _("The service is busy. Please try again.")

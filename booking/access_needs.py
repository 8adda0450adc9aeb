"""What people can ask for so that they can come, and what each means for the desk: a feature of a place, or a note."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from scheduler.public import has_features


class AccessNeed(StrEnum):
    """What somebody can ask for; never a diagnosis."""

    STEP_FREE = "step-free"
    LOW_TABLE = "low-table"
    WIDE_TABLE = "wide-table"
    HELP_ONTO_TABLE = "help-onto-table"
    COMPANION = "companion"
    QUIET = "quiet"
    NO_SCENTS = "no-scents"
    SERVICE_ANIMAL = "service-animal"
    OXYGEN = "oxygen"
    SIGN_LANGUAGE = "sign-language"
    LARGE_PRINT = "large-print"


@dataclass(frozen=True, slots=True)
class AskedFor:
    """What somebody asks for; `interpreter`: the language that somebody is to interpret, empty where nobody is."""

    needs: Collection[AccessNeed] = ()
    interpreter: str = ""

    @property
    def columns(self) -> dict[str, object]:
        """What is written of it, in the order of all that can be asked for."""
        return {"needs": [one.value for one in AccessNeed if one in self.needs], "interpreter": self.interpreter}


NOTHING_ASKED = AskedFor()

WORDS: dict[AccessNeed, str | Promise] = {
    AccessNeed.STEP_FREE: gettext_lazy("A way without steps, with a wheelchair or walker"),
    AccessNeed.LOW_TABLE: gettext_lazy("A table that can be lowered"),
    AccessNeed.WIDE_TABLE: gettext_lazy("A wider table"),
    AccessNeed.HELP_ONTO_TABLE: gettext_lazy("Help to get onto the table"),
    AccessNeed.COMPANION: gettext_lazy("Room for somebody who comes with me"),
    AccessNeed.QUIET: gettext_lazy("A quiet room with little light"),
    AccessNeed.NO_SCENTS: gettext_lazy("No scents"),
    AccessNeed.SERVICE_ANIMAL: gettext_lazy("My service dog comes along"),
    AccessNeed.OXYGEN: gettext_lazy("I bring oxygen"),
    AccessNeed.SIGN_LANGUAGE: gettext_lazy("A sign language interpreter"),
    AccessNeed.LARGE_PRINT: gettext_lazy("Papers in large print"),
}

FEATURES = {AccessNeed.LOW_TABLE: "hi-lo", AccessNeed.WIDE_TABLE: "wide"}
"""What a place must have; all else is prepared by people."""

PREPARED: dict[AccessNeed, str | Promise] = {
    AccessNeed.HELP_ONTO_TABLE: gettext_lazy("plan 10 minutes more"),
    AccessNeed.SIGN_LANGUAGE: gettext_lazy("book an interpreter"),
    AccessNeed.OXYGEN: gettext_lazy("no heat or smoke beside it"),
}
"""What the desk does about a need."""


def for_the_desk(needs: Iterable[str], *, features: Collection[str] | None) -> list[str]:
    """Return what was asked for, each with what is to be done. `features`: of the place, None where there is none yet.

    What a later release knows and this one does not is left out.
    """
    known = [AccessNeed(one) for one in needs if one in set(AccessNeed)]
    return [f"{WORDS[one]} ({done})" if (done := _to_do(one, features)) else str(WORDS[one]) for one in known]


def _to_do(need: AccessNeed, features: Collection[str] | None) -> str:
    feature = FEATURES.get(need)
    if feature is None or features is None:
        return str(PREPARED.get(need, ""))
    return (
        _("its place has it") if has_features(features, {feature}) else _("its place does not have it: choose another")
    )

"""What people can ask for so that they can come, and what each means for the desk: a feature of a place, or a note."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, Self

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.text.languages import language_in_words
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

FEATURES = {AccessNeed.STEP_FREE: "step-free", AccessNeed.LOW_TABLE: "hi-lo", AccessNeed.WIDE_TABLE: "wide"}
"""What a place must have; all else is prepared by people."""

PLACES: dict[AccessNeed, str | Promise] = {
    AccessNeed.STEP_FREE: gettext_lazy("a way without steps"),
    AccessNeed.LOW_TABLE: gettext_lazy("a table that can be lowered"),
    AccessNeed.WIDE_TABLE: gettext_lazy("a wider table"),
}
"""What such a place is said to have."""

PREPARED: dict[AccessNeed, str | Promise] = {
    AccessNeed.HELP_ONTO_TABLE: gettext_lazy("plan 10 minutes more"),
    AccessNeed.SIGN_LANGUAGE: gettext_lazy("book an interpreter"),
    AccessNeed.OXYGEN: gettext_lazy("no heat or smoke beside it"),
}
"""What the desk does about a need."""

ARRANGED = frozenset({AccessNeed.SIGN_LANGUAGE})
"""For what somebody is booked from elsewhere."""


ANOTHER_LANGUAGE = "und"
"""The language of an interpreter where nobody has said which (BCP 47: undetermined)."""


class AsksFor(Protocol):
    """A record, with what its person has asked for."""

    access_needs: list[str]
    interpreter: str


class AsksAlone(Protocol):
    """An appointment, with what was asked for with it alone."""

    asked_needs: list[str]
    asked_interpreter: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFor:
    """What somebody asks for so that they can come. `interpreter`: the language; empty: they speak English with us.

    What a later release knows and this one does not is left out.
    """

    needs: tuple[AccessNeed, ...] = ()
    interpreter: str = ""

    @classmethod
    def of(cls, names: Iterable[str], interpreter: str) -> Self:
        """Return what these names say, each once and in the order of their page."""
        asked = set(names)
        return cls(needs=tuple(one for one in AccessNeed if one.value in asked), interpreter=interpreter)

    @classmethod
    def on_record(cls, patient: AsksFor) -> Self:
        """Return what somebody asked for whom we know."""
        return cls.of(patient.access_needs, patient.interpreter)

    @classmethod
    def of_visit_alone(cls, visit: AsksAlone) -> Self:
        """Return what was asked for with one appointment by somebody who has not shown who they are."""
        return cls.of(visit.asked_needs, visit.asked_interpreter)

    def __bool__(self) -> bool:
        return bool(self.needs or self.interpreter)

    @property
    def names(self) -> list[str]:
        """What is asked for, by name."""
        return [one.value for one in self.needs]

    @property
    def mark(self) -> str:
        """What tells this from anything else that may stand on a record."""
        return "|".join([",".join(self.names), self.interpreter])

    @property
    def columns(self) -> dict[str, object]:
        """What is written of it."""
        return {"needs": self.names, "interpreter": self.interpreter}

    def and_also(self, more: "AskedFor") -> "AskedFor":
        """Return this and more: nothing is taken back; of two languages the newer is meant."""
        return AskedFor.of([*self.needs, *more.needs], more.interpreter or self.interpreter)

    @property
    def features(self) -> frozenset[str]:
        """What a place must have for them."""
        return frozenset(FEATURES[one] for one in self.needs if one in FEATURES)

    @property
    def places(self) -> tuple[str, ...]:
        """What a place must have for them, in words."""
        return tuple(str(PLACES[one]) for one in self.needs if one in PLACES)

    @property
    def words(self) -> list[str]:
        """What they ask for, in words."""
        spoken = [_("Interpreter: %s") % spoken_in_words(self.interpreter)] if self.interpreter else []
        return [*spoken, *(str(WORDS[one]) for one in self.needs)]

    def for_the_desk(
        self, *, features: Collection[str] | None, speaks: Collection[str] = (), other: str = ""
    ) -> list[str]:
        """Return what is asked for, each with what is to be done.

        `features`: of the place, None where there is none yet; `speaks`: the languages of whoever treats; `other`: the
        language on record, where that is another.
        """
        spoken = spoken_in_words(self.interpreter) if self.interpreter else ""
        known = _("whoever treats speaks it") if self.interpreter in speaks else _("book one")
        known = "; ".join([known, *([_("ask them: on record is %s") % other] if other else [])])
        interpreter = [_("An interpreter: %(language)s (%(done)s)") % {"language": spoken, "done": known}]
        lines = [f"{WORDS[one]} ({done})" if (done := _to_do(one, features)) else str(WORDS[one]) for one in self.needs]
        return [*(interpreter if spoken else []), *lines]

    def waits_for_somebody(self, *, features: Collection[str] | None, speaks: Collection[str]) -> bool:
        """Whether somebody is to do something before they come: book an interpreter, or find another place."""
        place_lacks = features is not None and not has_features(features, self.features)
        foreign = bool(self.interpreter) and self.interpreter not in speaks
        return foreign or place_lacks or not ARRANGED.isdisjoint(self.needs)


NOTHING_ASKED = AskedFor()


def asked_with(visit: AsksAlone, patient: AsksFor) -> AskedFor:
    """Return what holds for an appointment: what is on record of its patient, and what was asked for with it alone.

    Of two languages it is the one that was asked for with the appointment: who comes to it has said so, and later.
    """
    return AskedFor.on_record(patient).and_also(AskedFor.of_visit_alone(visit))


def other_language(visit: AsksAlone, patient: AsksFor) -> str:
    """Return the language on record, in words, where another one was asked for with an appointment alone; else ""."""
    alone, on_record = visit.asked_interpreter, patient.interpreter
    return spoken_in_words(on_record) if alone and on_record not in {"", alone} else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAsBooked:
    """What was asked for as somebody books: `said`, if anything was.

    `proven`: they have shown who they are, or staff book who may read what stands there: it stands on their record.
    Else it holds for that appointment alone. `seen`: the mark of what stood there when they said so, where a page
    showed that; it is not written over what came since.
    """

    said: AskedFor | None = None
    proven: bool = True
    seen: str | None = None

    @property
    def alone(self) -> AskedFor | None:
        """What holds for that appointment alone; None where whoever asks has shown who they are."""
        return None if self.proven else self.said or NOTHING_ASKED


NOT_ASKED = AskedAsBooked()


def spoken_in_words(tag: str) -> str:
    """Return the name of a language that somebody is to interpret."""
    return _("another language") if tag == ANOTHER_LANGUAGE else language_in_words(tag)


def _to_do(need: AccessNeed, features: Collection[str] | None) -> str:
    feature = FEATURES.get(need)
    if feature is None or features is None:
        return str(PREPARED.get(need, ""))
    return (
        _("its place has it") if has_features(features, {feature}) else _("its place does not have it: choose another")
    )

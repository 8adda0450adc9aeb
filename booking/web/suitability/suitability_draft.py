"""What a visitor has answered so far before booking, sealed within the draft of their session."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum
from typing import Self

from booking.suitability.answers import NO_ANSWERS, SuitabilityAnswers
from core.sealing import seal, unseal
from core.text.names import is_same_name

ANSWERS_OF_A_VISITOR = "suitability answers of a visitor"


class OnRecord(StrEnum):
    """What somebody says of the answers that we have of them: nothing yet, that they still hold, or not any more."""

    UNASKED = ""
    SAME = "same"
    ANEW = "anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftAnswers:
    """What was answered here. `whose`: the record of whoever is signed in, empty of a guest; `born`: of whom, as ISO.

    `name`: of whom, as soon as it is known; `email`: where their record was taken over, the address that it has.
    `before`: what is on record of a guest who has shown who they are.
    `places_asked`: the questions of which was asked which place they mean, also where nobody knew.
    """

    whose: str = ""
    born: str = ""
    name: str = ""
    email: str = ""
    answers: SuitabilityAnswers = NO_ANSWERS
    before: SuitabilityAnswers = NO_ANSWERS
    on_record: OnRecord = OnRecord.UNASKED
    places_asked: frozenset[str] = field(default_factory=frozenset)

    @classmethod
    def opened(cls, sealed: str, *, whose: str) -> Self:
        """Return what was answered by this person; nothing where somebody else was here, or the key is gone."""
        text = unseal(sealed, purpose=ANSWERS_OF_A_VISITOR) if sealed else None
        written = json.loads(text) if text else {}
        if written.get("whose") != whose:
            return cls(whose=whose)
        return cls(
            whose=whose,
            born=written["born"],
            name=written.get("name", ""),
            email=written.get("email", ""),
            answers=SuitabilityAnswers.from_json(written),
            before=SuitabilityAnswers.from_json(written["before"]) if "before" in written else NO_ANSWERS,
            on_record=OnRecord(written["on_record"]),
            places_asked=frozenset(written["places_asked"]),
        )

    def sealed(self) -> str:
        """Return it as the session has it."""
        own = {
            "whose": self.whose,
            "born": self.born,
            "name": self.name,
            "email": self.email,
            "before": self.before.to_json(),
            "on_record": self.on_record,
            "places_asked": sorted(self.places_asked),
        }
        return seal(json.dumps(self.answers.to_json() | own), purpose=ANSWERS_OF_A_VISITOR)

    @property
    def to_book(self) -> SuitabilityAnswers:
        """What a booking is judged by: with what is on record, where they say that it still holds."""
        return replace(self.answers, older=self.before) if self.on_record is OnRecord.SAME else self.answers

    def differs(self, *, name: str, email: str) -> bool:
        """Whether somebody with this name and address is another person than who answered, as far as both are known."""
        named = bool(self.name and name) and not is_same_name(self.name, name)
        return named or (bool(self.email and email) and self.email.casefold() != email.strip().casefold())

    def for_person(self, *, name: str, email: str, born: str) -> Self:
        """Return what of it may be theirs: nothing of what is on record of somebody else, born on their day or not.

        Of what was answered here somebody with another name, or another birth date, is asked whose it is.
        """
        if not self.differs(name=name, email=email):
            return self
        if not self.answers or (born and self.born and born != self.born):
            return type(self)(whose=self.whose, name=name)
        return replace(self, before=NO_ANSWERS, on_record=OnRecord.UNASKED, email="")

    def of_guest(self, *, name: str, email: str, born: date) -> Self:
        """Return it if it is theirs who book, else nothing: they are asked."""
        theirs = self.born in ("", born.isoformat()) and not self.differs(name=name, email=email)
        return self if theirs else type(self)(whose=self.whose)

    def named(self, name: str) -> Self:
        """Return it with the name of whoever answered, where it was not known yet."""
        return self if self.name else replace(self, name=name)

    def answered(self, answers: dict[str, str], *, born: date | None, at: datetime) -> Self:
        """Return it with what was answered anew by somebody born then. It counts from the first answer on."""
        if self.born and born and self.born != born.isoformat():  # somebody else answered here before
            return type(self)(whose=self.whose).answered(answers, born=born, at=at)
        changed = {key for key, answer in answers.items() if self.answers.answers.get(key) != answer}
        newer = SuitabilityAnswers(
            answers=answers,
            captures={key: one for key, one in self.answers.captures.items() if key not in changed},
            answered_at=self.answers.answered_at or at,
        )
        return replace(
            self,
            born=born.isoformat() if born else "",
            answers=self.answers.beside(newer),
            places_asked=self.places_asked - changed,
        )

    def known(self, answers: SuitabilityAnswers, *, born: date, name: str, email: str) -> Self:
        """Return it with what is on record of somebody born then who has shown who they are; what is newer stays."""
        theirs = self.born == born.isoformat() and not self.differs(name=name, email=email)
        ours = self if theirs else type(self)(whose=self.whose)
        # Where nobody knew which place is meant they are not asked once more.
        return replace(
            ours,
            born=born.isoformat(),
            name=name,
            email=email,
            before=answers,
            on_record=OnRecord.SAME,
            places_asked=ours.places_asked | answers.answers.keys(),
        )

    def located(self, question: str, places: Iterable[str]) -> Self:
        """Return it with which places are meant; none where nobody knows."""
        captures = {**self.answers.captures, question: tuple(places)}
        return replace(
            self, answers=replace(self.answers, captures=captures), places_asked=self.places_asked | {question}
        )


def answered_by(sealed: str, name: str) -> str:
    """Return sealed answers of a guest with the name that they give: from then on they are of nobody else."""
    return DraftAnswers.opened(sealed, whose="").named(name).sealed() if sealed else ""

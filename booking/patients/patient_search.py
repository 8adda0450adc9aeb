"""Finding people by what somebody typed: the one search behind the API, the desk and the admin."""

from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.db.models import QuerySet

from booking.models import Appointment, ContactPoint, Patient
from booking.patients import misspellings
from booking.patients.search_words import PeopleQuery, people_query, words_typed
from booking.references import as_written
from core.text.names import spellings

MOST_COMPARED = 200
"""So many people whose names are near what was typed are compared with it; whoever types one short word types more."""


def search(patients: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    """Keep those whom the text means; where there is nobody, those whom it may mean if the name is mistyped."""
    found = search_as_typed(patients, text)
    return found if found.exists() else search_near(patients, text)


def search_as_typed(patients: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    """Keep those whom the text means, by name, birth date, contact or reference, also by that of a visit."""
    asked = people_query(text)
    return _met(patients, asked, by_reference=as_written(text)) if asked else patients.none()


def search_near(patients: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    """Keep those whom the text may mean if words of the name are mistyped, or written by ear; the rest must fit."""
    asked = people_query(text)
    near = replace(asked, names=asked.near, mails="")
    return _met(patients, near, by_reference="") if asked.near else patients.none()


def nearest(patients: QuerySet[Patient], text: str, *, most: int, but: Collection[int] = ()) -> list[Patient]:
    """Return those few whose names are nearest to what was typed, the nearest first; in two queries, or one.

    `but`: who is found already (ids).
    """
    asked = words_typed(text)
    found = search_near(patients, text).order_by("pk").values_list("pk", "name")[:MOST_COMPARED]
    ranked = sorted((_distance(asked, name), name, pk) for pk, name in found)
    near = [pk for _apart, _name, pk in ranked if pk not in but][:most]
    rows = {row.pk: row for row in patients.filter(pk__in=near)} if near else {}
    return [rows[pk] for pk in near if pk in rows]


def _distance(asked: list[list[str]], name: str) -> int:
    known = [word for spelled in spellings(name) for word in spelled.split()]
    return min((misspellings.distance(words, known) for words in asked), default=0)


def _met(patients: QuerySet[Patient], asked: PeopleQuery, *, by_reference: str) -> QuerySet[Patient]:
    """Keep those who meet a query; where words are asked for, also those who have an appointment of that reference."""
    if asked.names:
        # A union, not an OR: each part has an index of its own, and with OR PostgreSQL would read every row.
        named = Patient.objects.filter(search_words__found_by=asked.names).order_by().values("pk")
        # By what somebody was called on a record that was merged: they go on giving that name.
        formerly = named.filter(merged_into__isnull=False).values("merged_into")
        parts: list[QuerySet[Any, Any]] = [formerly]
        if asked.mails:
            parts.append(ContactPoint.objects.filter(search_words__found_by=asked.mails).order_by().values("patient"))
        if by_reference:
            parts.append(Appointment.objects.filter(reference=by_reference).order_by().values("patient"))
        patients = patients.filter(pk__in=named.union(*parts))
    for query in asked.addresses:
        patients = patients.filter(pk__in=_reached(query))
    # Eight digits may be either, so one of the two suffices; of all else that is typed, everything must fit.
    if asked.number and asked.born:
        born = Patient.objects.filter(birth_date__in=asked.born).order_by().values("pk")
        return patients.filter(pk__in=born.union(_reached(asked.number)))
    if asked.number:
        patients = patients.filter(pk__in=_reached(asked.number))
    return patients.filter(birth_date__in=asked.born) if asked.born else patients


def _reached(query: str) -> QuerySet[ContactPoint, Any]:
    return ContactPoint.objects.filter(search_words__found_by=query).order_by().values("patient")

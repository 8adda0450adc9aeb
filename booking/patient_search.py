"""Finding people by what somebody typed: the one search behind the API and the admin."""

from typing import Any

from django.db.models import QuerySet

from booking.models import Appointment, ContactPoint, Patient
from booking.references import as_written
from booking.search_words import people_query


def search(patients: QuerySet[Patient], text: str) -> QuerySet[Patient]:
    """Keep those whom the text means, by name, birth date, contact or reference, also by that of a visit."""
    asked = people_query(text)
    if not asked:
        return patients.none()
    if asked.names:
        # A union, not an OR: each part has an index of its own, and with OR PostgreSQL would read every row.
        named = Patient.objects.filter(search_words__found_by=asked.names).order_by().values("pk")
        # By what somebody was called on a record that was merged: they go on giving that name.
        formerly = named.filter(merged_into__isnull=False).values("merged_into")
        mailed = ContactPoint.objects.filter(search_words__found_by=asked.mails).order_by().values("patient")
        visiting = Appointment.objects.filter(reference=as_written(text)).order_by().values("patient")
        patients = patients.filter(pk__in=named.union(formerly, mailed, visiting))
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

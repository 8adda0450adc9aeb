"""Why a visit is called off: our words, each with its FHIR cancellation code."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CancelReason(models.TextChoices):
    """Coded reasons; never free text, never clinical detail."""

    PATIENT = "patient", _("I cannot come")
    ILLNESS = "illness", _("I am ill")
    TREATMENT_CHANGE = "treatment_change", _("My treatment plan changed")
    HOSPITALISED = "hospitalised", _("I am in the hospital")
    TRANSPORT = "transport", _("I have no way to get there")
    WEATHER = "weather", _("The weather")
    INTERPRETER = "interpreter", _("No interpreter")
    BEREAVEMENT = "bereavement", _("A death in the family")
    FEELS_BETTER = "feels_better", _("I feel better")
    DECEASED = "deceased", _("The patient died")
    PRACTITIONER = "practitioner", _("The practitioner is away")
    CLOSURE = "closure", _("The clinic is closed")
    ROOM = "room", _("No room")
    NOT_GIVEN = "not_given", _("It can no longer be given as it was booked")
    SCREENING = "screening", _("Health screening")
    EXPIRED = "expired", _("Not confirmed in time")
    DECLINED = "declined", _("Declined after a check")
    TOGETHER = "together", _("Booked together with one that was cancelled")
    ERROR = "error", _("Booked by mistake")
    OTHER = "other", _("Another reason")


class DeclineReason(models.TextChoices):
    """Why a request was declined, in words for whoever asked; never clinical detail."""

    CALL = "call", _("We would like to talk with you first: please call us.")
    TIME = "time", _("This time does not work for us: please choose another one, or call us.")
    INSTEAD = "instead", _("Something else suits you better just now: choose it online, or call us, and we help you.")
    NOT_NOW = "not-now", _("We think that this is not right for you just now. Please call us, and we look for what is.")


FHIR: dict[CancelReason, str] = {
    CancelReason.PATIENT: "pat",
    CancelReason.ILLNESS: "pat",
    CancelReason.TREATMENT_CHANGE: "prov-onc",
    CancelReason.HOSPITALISED: "pat",
    CancelReason.TRANSPORT: "pat-lt",
    CancelReason.WEATHER: "oth-weath",
    CancelReason.INTERPRETER: "oth-int",
    CancelReason.BEREAVEMENT: "pat",
    CancelReason.FEELS_BETTER: "pat-fb",
    CancelReason.DECEASED: "pat-dec",
    CancelReason.PRACTITIONER: "prov",
    CancelReason.CLOSURE: "maint",
    CancelReason.ROOM: "oth-room",
    CancelReason.NOT_GIVEN: "other",
    CancelReason.SCREENING: "other",
    CancelReason.EXPIRED: "other",
    CancelReason.DECLINED: "other",
    CancelReason.TOGETHER: "other",
    CancelReason.ERROR: "oth-err",
    CancelReason.OTHER: "other",
}

BY_PATIENT = (
    CancelReason.PATIENT,
    CancelReason.ILLNESS,
    CancelReason.TREATMENT_CHANGE,
    CancelReason.HOSPITALISED,
    CancelReason.TRANSPORT,
    CancelReason.WEATHER,
    CancelReason.FEELS_BETTER,
    CancelReason.OTHER,
)
# Not counted as late: nobody shall come ill, or be afraid to say so, for fear of a mark.
EXCUSED = frozenset(
    {
        CancelReason.ILLNESS,
        CancelReason.TREATMENT_CHANGE,
        CancelReason.HOSPITALISED,
        CancelReason.TRANSPORT,
        CancelReason.WEATHER,
        CancelReason.INTERPRETER,
        CancelReason.BEREAVEMENT,
        CancelReason.DECEASED,
    }
)
# An illness is not over in ten minutes, and others can use the time: whoever is well after all has it while it is free.
# A decline that is taken back claims it anew.
FREES_AT_ONCE = frozenset(
    {CancelReason.ILLNESS, CancelReason.SCREENING, CancelReason.DECEASED, CancelReason.EXPIRED, CancelReason.DECLINED}
)

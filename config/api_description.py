"""What the description of the API says as a whole: its introduction, its groups, and names of shared choices."""

from typing import Any

INTRODUCTION = """
Appointments for integrative therapies: free times, holds, bookings and what happens to them.

**Sign in.** Send `Authorization: Token …` with each request; staff make theirs at `/admin/`. What is
public (sites, therapies, practitioners, free times) needs none.

**Book.** Search `slots/`, hold one (`holds/`), book it (`appointments/`). A hold keeps its time until `expires_at`.

**Keys.** Send an `Idempotency-Key` with whatever must not happen twice: the same key and body get the same answer.

**Refusals.** Every answer from 400 on is `application/problem+json` (RFC 9457). Tell them apart by `code`; `type` is a
page that says what happened and what to do; `errors` names the fields. With 429 and 503, `Retry-After` says when to
come back.

**Changes.** Whatever has an address of its own has an `ETag`. Send it as `If-Match`, and nothing is changed that has
changed since you read it. Unknown fields and parameters are refused.

**Pages.** Lists answer with `results`, `count`, `next` and `previous`. Times are RFC 3339 with their offset.
"""

TAGS = {
    "slots": "Free times: which there are, on which days, the soonest, and why a time is not free.",
    "holds": "Times that are kept while somebody decides.",
    "appointments": "Booking, and what happens to an appointment afterwards.",
    "patients": "Records of patients: staff register and find them, people see and change their own.",
    "enrolments": "In which programs patients take part, and until when.",
    "family-links": "Members of a patient’s family: invited, confirmed or vouched for, and taken back.",
    "waiting-list": "Who waits for a time to open, and what they are offered: kept until they answer.",
    "meeting-times": "Appointments at which a patient lets their family come as well: when and where, and no more.",
    "reports": "Measures of a site: what was booked, how time was used, what was answered; they name no patient.",
    "referrals": "Who sends patients to programs that ask for it, for how many appointments and until when.",
    "programs": "What the programs of the hospital give, where and by whom, and who may take part.",
    "me": "Whoever is signed in, and their API tokens.",
    "closed-appointments": "Appointments inside a closure: who they are, what they were told, and what is proposed.",
    "suitability": "Questions before a therapy is booked and on its day, and what a clinician decides about answers.",
    "screening": "Health questions before an appointment: what is asked, and what follows from answers.",
    "sites": "Where people are treated.",
    "rooms": "Rooms of a site.",
    "places": "Places in a room: a bay with its couch and what it has.",
    "devices": "Devices that a treatment needs, by pool.",
    "therapies": "What people are treated with, and how long it takes.",
    "practitioners": "Who treats.",
    "offerings": "Which practitioner offers which therapy at which site.",
    "opening-hours": "When a site is open.",
    "travel-times": "How long practitioners take from one site to another.",
    "working-hours": "When practitioners work.",
    "family-blocks": "Time of practitioners that programs keep for families, and opening it.",
    "block-occurrences": "What is kept day by day: how far it is open, and how much of it is booked.",
    "block-decisions": "What staff decided about one day of what is kept.",
    "absences": "When practitioners are away.",
    "closures": "When a site is closed.",
    "accounts": "People of the staff who sign in.",
    "roles": "What they act as, where, and until when.",
    "messages": "What was and will be sent about appointments. No texts and no addresses.",
    "family-messages": "What was and will be mailed about family links, and to which side. No texts and no addresses.",
}


ENUM_NAMES = {
    "AbsenceReason": "scheduler.models.calendars.AbsenceReason",
    "AppointmentMove": "booking.status.Move",
    "AppointmentStatus": "booking.status.Status",
    "BlockDecisionKind": "scheduler.models.blocks.DecisionKind",
    "BloodCount": "booking.models.suitability.LabKind",
    "CancelReason": "booking.cancel_reasons.CancelReason",
    "DayAct": "booking.api.day_question_json.ACTS",
    "DoorState": "booking.api.day_question_json.STATES",
    "FamilyRelation": "booking.api.family_json.RELATIONS",
    "FamilyState": "booking.families.status.FamilyState",
    "Gender": "scheduler.models.practitioners.Gender",
    "GivenRole": "core.staff_pages.account_forms.ROLES",
    "HoldState": "booking.models.holds.HoldState",
    "MessageKind": "notifications.status.MessageKind",
    "MessageStatus": "notifications.status.Delivery",
    "ReviewAct": "booking.api.review_json.ACTS",
    "RoleName": "core.roles.Role",
    "ScreeningState": "booking.api.screening_json.STATES",
    "SuitabilityAct": "booking.api.suitability_review_json.ACTS",
    "VisitKind": "scheduler.models.catalogue.VisitType",
    "VisitRelation": "booking.api.linked_json.RELATIONS",
}
"""What the choices of fields are called, by where they stand."""


def spectacular_settings(*, clinic: str, public_url: str) -> dict[str, Any]:
    """Return the settings of drf-spectacular; `clinic` runs the service at `public_url`."""
    return {
        "TITLE": "Meridian",
        "DESCRIPTION": INTRODUCTION.strip(),
        "VERSION": "1",
        "CONTACT": {"name": clinic, "url": public_url},
        "SERVERS": [{"url": "/", "description": "The service that answered with this description."}],
        "TAGS": [{"name": name, "description": text} for name, text in TAGS.items()],
        "OAS_VERSION": "3.1.0",
        "SCHEMA_PATH_PREFIX": r"/api/v1",
        "SERVE_INCLUDE_SCHEMA": False,
        "COMPONENT_SPLIT_REQUEST": True,
        "ENUM_NAME_OVERRIDES": ENUM_NAMES,
        "POSTPROCESSING_HOOKS": [
            "drf_spectacular.hooks.postprocess_schema_enums",
            "core.api.problem_responses.share",
        ],
        "SWAGGER_UI_DIST": "SIDECAR",
        "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    }

"""Addresses under /api/v1/ of the booking app."""

from django.urls import path

from booking.api import appointments, holds, me, patients, slots
from booking.api.moves import DOORS

urlpatterns = [
    path("slots/", slots.Slots.as_view(), name="api-slots"),
    path("slots/days/", slots.SlotDays.as_view(), name="api-slot-days"),
    path("slots/first/", slots.SoonestSlot.as_view(), name="api-slot-first"),
    path("slots/<str:id>/", slots.OneSlot.as_view(), name="api-slot"),
    path("holds/", holds.Holds.as_view(), name="api-holds"),
    path("holds/<uuid:id>/", holds.OneHold.as_view(), name="api-hold"),
    path("holds/<uuid:id>/extend/", holds.ExtendHold.as_view(), name="api-hold-extend"),
    path("appointments/", appointments.Appointments.as_view(), name="api-appointments"),
    path("appointments/<uuid:id>/", appointments.OneAppointment.as_view(), name="api-appointment"),
    path("appointments/<uuid:id>/changes/", appointments.Changes.as_view(), name="api-appointment-changes"),
    *(
        path(f"appointments/<uuid:id>/{door.what}/", door.as_view(), name=f"api-appointment-{door.what}")
        for door in DOORS
    ),
    path("patients/", patients.Patients.as_view(), name="api-patients"),
    path("patients/search/", patients.PatientSearch.as_view(), name="api-patient-search"),
    path("patients/<uuid:id>/", patients.OnePatient.as_view(), name="api-patient"),
    path("me/", me.Me.as_view(), name="api-me"),
]

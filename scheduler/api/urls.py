"""Addresses under /api/v1/ of the scheduler app."""

from django.urls import path

from scheduler.api import calendars, catalogue, offers

urlpatterns = [
    path("sites/", catalogue.Sites.as_view(), name="api-sites"),
    path("sites/<uuid:id>/", catalogue.OneSite.as_view(), name="api-site"),
    path("rooms/", catalogue.Rooms.as_view(), name="api-rooms"),
    path("rooms/<uuid:id>/", catalogue.OneRoom.as_view(), name="api-room"),
    path("opening-hours/", offers.OpeningHoursList.as_view(), name="api-opening-hours"),
    path("opening-hours/<uuid:id>/", offers.OneOpeningHours.as_view(), name="api-opening-hours-row"),
    path("offerings/", offers.Offerings.as_view(), name="api-offerings"),
    path("offerings/<uuid:id>/", offers.OneOffering.as_view(), name="api-offering"),
    path("places/", catalogue.Places.as_view(), name="api-places"),
    path("places/<uuid:id>/", catalogue.OnePlace.as_view(), name="api-place"),
    path("devices/", catalogue.Devices.as_view(), name="api-devices"),
    path("devices/<uuid:id>/", catalogue.OneDevice.as_view(), name="api-device"),
    path("therapies/", catalogue.Therapies.as_view(), name="api-therapies"),
    path("therapies/<uuid:id>/", catalogue.OneTherapy.as_view(), name="api-therapy"),
    path("practitioners/", catalogue.Practitioners.as_view(), name="api-practitioners"),
    path("practitioners/<uuid:id>/", catalogue.OnePractitioner.as_view(), name="api-practitioner"),
    path("working-hours/", calendars.WorkingHoursList.as_view(), name="api-working-hours"),
    path("working-hours/<uuid:id>/", calendars.OneWorkingHours.as_view(), name="api-working-hours-row"),
    path("absences/", calendars.Absences.as_view(), name="api-absences"),
    path("absences/<uuid:id>/", calendars.OneAbsence.as_view(), name="api-absence"),
    path("closures/", calendars.Closures.as_view(), name="api-closures"),
    path("closures/<uuid:id>/", calendars.OneClosure.as_view(), name="api-closure"),
]

"""Addresses under /api/v1/ of the scheduler app."""

from django.urls import path

from scheduler.api.views import calendars, catalogue, family_blocks, offerings, programs, therapy_lengths, travel

urlpatterns = [
    path("sites/", catalogue.SiteListView.as_view(), name="api-sites"),
    path("sites/<uuid:id>/", catalogue.SiteDetailView.as_view(), name="api-site"),
    path("rooms/", catalogue.RoomListView.as_view(), name="api-rooms"),
    path("rooms/<uuid:id>/", catalogue.RoomDetailView.as_view(), name="api-room"),
    path("opening-hours/", offerings.OpeningHoursListView.as_view(), name="api-opening-hours"),
    path("opening-hours/<uuid:id>/", offerings.OpeningHoursDetailView.as_view(), name="api-opening-hours-row"),
    path("offerings/", offerings.OfferingListView.as_view(), name="api-offerings"),
    path("offerings/<uuid:id>/", offerings.OfferingDetailView.as_view(), name="api-offering"),
    path("travel-times/", travel.TravelTimeListView.as_view(), name="api-travel-times"),
    path("travel-times/<uuid:id>/", travel.TravelTimeDetailView.as_view(), name="api-travel-time"),
    path("places/", catalogue.PlaceListView.as_view(), name="api-places"),
    path("places/<uuid:id>/", catalogue.PlaceDetailView.as_view(), name="api-place"),
    path("devices/", catalogue.DeviceListView.as_view(), name="api-devices"),
    path("devices/<uuid:id>/", catalogue.DeviceDetailView.as_view(), name="api-device"),
    path("therapies/", catalogue.TherapyListView.as_view(), name="api-therapies"),
    path("therapies/<uuid:id>/", catalogue.TherapyDetailView.as_view(), name="api-therapy"),
    path("therapies/<uuid:id>/lengths/", therapy_lengths.LengthsView.as_view(), name="api-therapy-lengths"),
    path(
        "therapies/<uuid:id>/lengths/take-back/",
        therapy_lengths.LengthsBackView.as_view(),
        name="api-therapy-lengths-back",
    ),
    path("practitioners/", catalogue.PractitionerListView.as_view(), name="api-practitioners"),
    path("practitioners/<uuid:id>/", catalogue.PractitionerDetailView.as_view(), name="api-practitioner"),
    path("programs/", programs.ProgramListView.as_view(), name="api-programs"),
    path("programs/<uuid:id>/", programs.ProgramDetailView.as_view(), name="api-program"),
    path("working-hours/", calendars.WorkingHoursListView.as_view(), name="api-working-hours"),
    path("working-hours/<uuid:id>/", calendars.WorkingHoursDetailView.as_view(), name="api-working-hours-row"),
    path("absences/", calendars.AbsenceListView.as_view(), name="api-absences"),
    path("absences/<uuid:id>/", calendars.AbsenceDetailView.as_view(), name="api-absence"),
    path("family-blocks/", family_blocks.FamilyBlockListView.as_view(), name="api-family-blocks"),
    path("family-blocks/<uuid:id>/", family_blocks.FamilyBlockDetailView.as_view(), name="api-family-block"),
    path("family-blocks/<uuid:id>/keep/", family_blocks.KeepView.as_view(), name="api-family-block-keep"),
    path("family-blocks/<uuid:id>/release/", family_blocks.ReleaseView.as_view(), name="api-family-block-release"),
    path("block-decisions/<uuid:id>/undo/", family_blocks.DecisionUndoView.as_view(), name="api-block-decision-undo"),
    path("block-occurrences/", family_blocks.OccurrenceListView.as_view(), name="api-block-occurrences"),
    path("closures/", calendars.ClosureListView.as_view(), name="api-closures"),
    path("closures/<uuid:id>/", calendars.ClosureDetailView.as_view(), name="api-closure"),
]

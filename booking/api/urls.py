"""Addresses under /api/v1/ of the booking app."""

from django.urls import path

from booking.api.views import (
    appointments,
    closures,
    day_questions,
    enrolments,
    family_block_invitations,
    family_links,
    holds,
    linked_visits,
    me,
    meeting_times,
    other_practitioner,
    patients,
    referrals,
    reports,
    screening,
    screening_reviews,
    slots,
    suitability,
    suitability_records,
    suitability_reviews,
    waiting_list,
)
from booking.api.views.moves import MOVE_VIEWS, ProposeView

urlpatterns = [
    path("slots/", slots.SlotListView.as_view(), name="api-slots"),
    path("slots/days/", slots.SlotDaysView.as_view(), name="api-slot-days"),
    path("slots/first/", slots.SoonestSlotView.as_view(), name="api-slot-first"),
    path("slots/sets/", linked_visits.SetSearchView.as_view(), name="api-slot-sets"),
    path("slots/<str:id>/", slots.SlotDetailView.as_view(), name="api-slot"),
    path("holds/", holds.HoldCreateView.as_view(), name="api-holds"),
    path("holds/<uuid:id>/", holds.HoldDetailView.as_view(), name="api-hold"),
    path("holds/<uuid:id>/extend/", holds.HoldExtendView.as_view(), name="api-hold-extend"),
    path("appointments/", appointments.AppointmentListView.as_view(), name="api-appointments"),
    path("appointments/linked/", linked_visits.LinkedCreateView.as_view(), name="api-linked"),
    path("appointments/linked/<uuid:id>/", linked_visits.LinkedDetailView.as_view(), name="api-linked-detail"),
    path("appointments/linked/<uuid:id>/move/", linked_visits.LinkedMoveView.as_view(), name="api-linked-move"),
    path("appointments/linked/<uuid:id>/unlink/", linked_visits.LinkedUnlinkView.as_view(), name="api-linked-unlink"),
    path("appointments/linked/<uuid:id>/undo/", linked_visits.LinkedUndoView.as_view(), name="api-linked-undo"),
    path("appointments/<uuid:id>/", appointments.AppointmentDetailView.as_view(), name="api-appointment"),
    path(
        "appointments/<uuid:id>/changes/", appointments.AppointmentChangesView.as_view(), name="api-appointment-changes"
    ),
    *(
        path(f"appointments/<uuid:id>/{view.what}/", view.as_view(), name=f"api-appointment-{view.what}")
        for view in MOVE_VIEWS
    ),
    path("appointments/<uuid:id>/propose/", ProposeView.as_view(), name="api-appointment-propose"),
    path(
        "appointments/<uuid:id>/other-practitioner/",
        other_practitioner.OtherPractitionerView.as_view(),
        name="api-appointment-other-practitioner",
    ),
    path("patients/", patients.PatientCreateView.as_view(), name="api-patients"),
    path("patients/search/", patients.PatientSearchView.as_view(), name="api-patient-search"),
    path("patients/<uuid:id>/", patients.PatientDetailView.as_view(), name="api-patient"),
    path("patients/<uuid:id>/merge/", patients.PatientMergeView.as_view(), name="api-patient-merge"),
    path("patients/<uuid:id>/unmerge/", patients.PatientUnmergeView.as_view(), name="api-patient-unmerge"),
    path("patients/<uuid:id>/apart/", patients.PatientApartView.as_view(), name="api-patient-apart"),
    path("patients/<uuid:id>/not-apart/", patients.PatientNotApartView.as_view(), name="api-patient-not-apart"),
    path("patients/<uuid:id>/enrolments/", enrolments.PatientEnrolmentsView.as_view(), name="api-patient-enrolments"),
    path("patients/<uuid:id>/referrals/", referrals.PatientReferralsView.as_view(), name="api-patient-referrals"),
    path("reports/", reports.ReportView.as_view(), name="api-reports"),
    path("referrals/<uuid:id>/", referrals.ReferralView.as_view(), name="api-referral"),
    path("enrolments/<uuid:id>/", enrolments.EnrolmentView.as_view(), name="api-enrolment"),
    path("screening/questions/", screening.ScreeningQuestionsView.as_view(), name="api-screening-questions"),
    path("screening/answers/", screening.ScreeningAnswersView.as_view(), name="api-screening-answers"),
    path("screening/rechecks/", screening.ScreeningRechecksView.as_view(), name="api-screening-rechecks"),
    path("suitability/questions/", suitability.SuitabilityQuestionsView.as_view(), name="api-suitability-questions"),
    path("suitability/reviews/", suitability_reviews.SuitabilityReviewsView.as_view(), name="api-suitability-reviews"),
    path("suitability/counts/", suitability_records.SuitabilityCountsView.as_view(), name="api-suitability-counts"),
    path(
        "suitability/counts/<uuid:id>/",
        suitability_records.SuitabilityCountView.as_view(),
        name="api-suitability-count",
    ),
    path(
        "suitability/clearances/<uuid:id>/",
        suitability_records.SuitabilityClearanceView.as_view(),
        name="api-suitability-clearance",
    ),
    path("suitability/day-questions/", day_questions.DayQuestionsView.as_view(), name="api-day-questions"),
    path("suitability/day-answers/", day_questions.DayAnswersView.as_view(), name="api-day-answers"),
    path("suitability/day-decisions/", day_questions.DayDecisionsView.as_view(), name="api-day-decisions"),
    path("closed-appointments/", closures.ClosedAppointmentsView.as_view(), name="api-closed-appointments"),
    path("closed-appointments/notices/", closures.ClosedNoticesView.as_view(), name="api-closed-notices"),
    path("closed-appointments/proposals/", closures.ProposalsView.as_view(), name="api-closed-proposals"),
    path("screening/reviews/", screening_reviews.ScreeningReviewsView.as_view(), name="api-screening-reviews"),
    path(
        "family-blocks/<uuid:id>/invitations/",
        family_block_invitations.FamilyBlockInvitationsView.as_view(),
        name="api-family-block-invitations",
    ),
    path("meeting-times/", meeting_times.MeetingTimesView.as_view(), name="api-meeting-times"),
    path("meeting-times/<uuid:id>/", meeting_times.MeetingTimeDetailView.as_view(), name="api-meeting-time"),
    path("family-links/", family_links.FamilyLinksView.as_view(), name="api-family-links"),
    path("family-links/<uuid:id>/", family_links.FamilyLinkView.as_view(), name="api-family-link"),
    *(
        path(f"family-links/<uuid:id>/{view.what}/", view.as_view(), name=f"api-family-link-{view.what}")
        for view in family_links.ACT_VIEWS
    ),
    path("waiting-list/", waiting_list.WaitingEntriesView.as_view(), name="api-waiting-list"),
    path("waiting-list/<uuid:id>/", waiting_list.WaitingEntryView.as_view(), name="api-waiting-entry"),
    path("waiting-list/<uuid:id>/accept/", waiting_list.WaitingAcceptView.as_view(), name="api-waiting-accept"),
    path("waiting-list/<uuid:id>/decline/", waiting_list.WaitingDeclineView.as_view(), name="api-waiting-decline"),
    path("me/", me.MeView.as_view(), name="api-me"),
]

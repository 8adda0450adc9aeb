"""The picture of a visit says what its numbers say: hands, nearby, rest, and the place once the patient has left."""

from booking.web.desk.moving_in.segment_picture import MARGIN, picture_of
from scheduler.public import PlannedSegment, PlannedVisit

COURSE = (
    PlannedSegment("intake", 10, "hands"), PlannedSegment("retention", 30, "nearby"),
    PlannedSegment("removal", 3, "hands"), PlannedSegment("dress_advice", 5, "free"),
    PlannedSegment("turnover", 10, "none"),
)  # fmt: skip


def visit(*, fills_room=False):
    return PlannedVisit(visit="followup", technique="", segments=COURSE, features=(), devices=(), fills_room=fills_room)


def test_each_part_is_as_wide_as_it_is_long_and_they_stand_side_by_side():
    drawn = picture_of(visit())
    assert [(one.x, one.width) for one in drawn.segments] == [(0, 60), (60, 180), (240, 18), (258, 30), (288, 60)]
    assert drawn.width == 348 + MARGIN
    assert [one.label for one in drawn.segments] == ["10", "30", "", "5", "10"]
    assert drawn.marks == [(0, 0), (90, 15), (180, 30), (270, 45)]


def test_its_words_count_the_patient_the_hands_and_the_place():
    said = picture_of(visit()).said
    assert "there for 50 minutes, 13 of them under" in said
    assert "taken for 60" in said, "in steps of five minutes, as it is booked"


def test_smoke_is_aired_and_each_kind_is_named_once():
    assert [kind for kind, _words in picture_of(visit()).kinds] == ["hands", "nearby", "free", "turnover"]
    assert "airing" in dict(picture_of(visit(fills_room=True)).kinds)

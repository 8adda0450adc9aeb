"""What spreadsheets write: files of every make are read alike, and what could be two things is asked about."""

from datetime import date, time

import pytest

from booking.moving_in import cells
from booking.moving_in.cells import DateOrder, EitherDate
from booking.moving_in.tables import LARGEST, column_letters, read_table
from core.refusals import Invalid
from core.text.language_names import languages_in_words, read_languages
from scheduler.setup_forms.fields import LanguageTagsField

KNOWN = {"name", "date of birth"}
ROWS = [["Name", "Date of birth"], ["Zoë Müller", "1961-03-27"], ["", ""], ["Adams, Alice", "3/27/1961"]]


def table(content):
    return read_table(content, known=KNOWN)


def written(separator):
    quoted = [[f'"{cell}"' if separator in cell or "," in cell else cell for cell in row] for row in ROWS]
    return "\r\n".join(separator.join(row) for row in quoted)


@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_a_table_is_read_alike_however_a_spreadsheet_wrote_it(separator, encoding):
    found = table(written(separator).encode(encoding))
    assert found.headings == ("name", "date of birth")
    assert [(row.number, row.cells) for row in found.rows] == [
        (2, ("Zoë Müller", "1961-03-27")), (4, ("Adams, Alice", "3/27/1961")),
    ]  # fmt: skip


def test_a_line_that_names_the_separator_is_no_row_and_counts_as_none():
    found = table(b"sep=;\r\nName;Date of birth\r\nAnn;1961-03-27")
    assert [(row.number, row.cells[0]) for row in found.rows] == [(2, "Ann")]


@pytest.mark.parametrize(("content", "said"), [
    (b"", "empty"), (b"  \n", "empty"), (b"PK\x03\x04rest", "workbook"), (b"\xd0\xcf\x11\xe0", "workbook"),
    (b"Name\n\x81\x8d", "cannot be read"), (b"Name\n" + b"x" * LARGEST, "larger than 500 kB"),
    (b"Name\n" + b"x\n" * 5001, "5001 rows"), (b"Name" + b",x" * 80, "more columns"),
])  # fmt: skip
def test_what_is_no_table_is_refused_with_what_to_do(content, said):
    with pytest.raises(Invalid, match=said):
        table(content)


@pytest.mark.parametrize(("content", "row"), [
    ('Name,Date of birth\nAnn,1961-03-27\n"Bo,1961-03-28\nCy,1961-03-29\n', 3),
    ('Name,Date of birth\nAnn,1961-03-27\n"Bo,1961-03-28\nCy,1961-03-29\n"Di",1961-03-30', 3),
    ('Name,Date of birth\n"one\ntwo",1961-03-27\nAnn,"', 3), ('"Name,Date of birth\nAnn,1961-03-27', 1),
    ('sep=,\nName,Date of birth\n"Ann', 2),
])  # fmt: skip
def test_a_quote_that_is_never_closed_is_named_by_the_row_in_which_it_opens(content, row):
    with pytest.raises(Invalid, match=f"opens in row {row} is not closed"):
        table(content.encode())


def test_a_cell_of_two_lines_is_one_and_a_quote_within_a_name_stays():
    found = table(b'Name,Date of birth\n"Ann\nAsh",x\n"Bob" Smith,y\nLee "Bo" Ash,z')
    assert [row.cells[0] for row in found.rows] == ["Ann\nAsh", "Bob Smith", 'Lee "Bo" Ash']


@pytest.mark.parametrize(("text", "meant"), [
    ("2026-04-03", date(2026, 4, 3)), ("2026/4/3", date(2026, 4, 3)), ("2026-04-03 00:00:00", date(2026, 4, 3)),
    ("25.12.2026", date(2026, 12, 25)), ("12/25/2026", date(2026, 12, 25)), ("4/4/2026", date(2026, 4, 4)),
    ("4/4/2026 12:00:00 AM", date(2026, 4, 4)), ("4/4/2026 12:00 a.m.", date(2026, 4, 4)),
    ("2026-04-03T00:00:00", date(2026, 4, 3)), ("2026-04-03T00:00:00.000Z", date(2026, 4, 3)),
    ("2026-04-03 00:00:00.000", date(2026, 4, 3)),
    ("4/4/2026 12:00 PM", None), ("2026-04-03T10:00:00", None),
    ("3 April 2026", date(2026, 4, 3)), ("April 3, 2026", date(2026, 4, 3)),
    ("31/2/2026", None), ("03042026", None), ("4/3/26", None), ("soon", None),
])  # fmt: skip
def test_a_date_with_one_reading_is_read(text, meant):
    assert cells.read_date(text, None) == meant


def test_a_date_with_two_readings_is_asked_about_and_read_as_was_said():
    with pytest.raises(EitherDate) as asked:
        cells.read_date("03/04/2026", None)
    assert (asked.value.month_first, asked.value.day_first) == (date(2026, 3, 4), date(2026, 4, 3))
    assert cells.read_date("03/04/2026", DateOrder.MONTH_FIRST) == date(2026, 3, 4)
    assert cells.read_date("03/04/2026", DateOrder.DAY_FIRST) == date(2026, 4, 3)
    assert cells.read_date("25/12/2026", DateOrder.MONTH_FIRST) is None


@pytest.mark.parametrize(("text", "meant"), [
    ("9:00", time(9)), ("09:00:00", time(9)), ("14.30", time(14, 30)), ("2:30 PM", time(14, 30)), ("2 pm", time(14)),
    ("12:15 a.m.", time(0, 15)), ("24:00", time()), ("24", time()), ("9", time(9)), ("3", time(15)), ("30", None),
    ("25:00", None), ("13 pm", None), ("", None),
])  # fmt: skip
def test_a_time_is_read_as_it_is_meant_and_a_bare_number_is_none(text, meant):
    assert cells.read_time(text) == meant


@pytest.mark.parametrize(("text", "days"), [
    ("Monday", [1]), ("Mon, Wed", [1, 3]), ("Mon-Fri", [1, 2, 3, 4, 5]), ("Sat to Mon", [6, 7, 1]),
    ("tue and thu", [2, 4]), ("T", None), ("1", None), ("Mon, soon", None),
])  # fmt: skip
def test_weekdays_are_read_as_they_are_named(text, days):
    assert cells.read_days(text) == days


def test_languages_go_by_name_and_by_tag():
    assert read_languages(["English", "es", "Chinese", "Elvish"]) == (["en", "es", "zh"], ["Elvish"])


def test_columns_are_called_as_a_spreadsheet_calls_them():
    assert [column_letters(n) for n in (0, 25, 26, 51, 52)] == ["A", "Z", "AA", "AZ", "BA"]


def test_the_mark_that_keeps_a_formula_from_being_one_is_taken_off_again():
    assert cells.without_mark("'+13125550100") == "+13125550100"
    assert cells.without_mark("'s-Hertogenbosch") == "'s-Hertogenbosch"


@pytest.mark.parametrize("tags", [["en", "es"], ["zh-Hans", "zh"], ["pt-BR"], ["en-US"], ["xx"], []])
def test_languages_are_shown_by_name_and_what_is_shown_is_read_back_as_it_was(tags):
    shown = languages_in_words(tags)
    assert LanguageTagsField(required=False).clean(", ".join(shown)) == tags
    assert not any(one in {"en", "es", "zh-Hans", "zh"} for one in shown)

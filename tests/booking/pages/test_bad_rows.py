"""What is wrong with a table is said of the cell that is wrong: its row, its column, and what to do."""

from datetime import date

import pytest

from booking.actions.patients import patients
from booking.moving_in.actions import importing
from booking.moving_in.import_kinds import KINDS
from booking.moving_in.rows import RowResult, Setting
from booking.moving_in.tables import read_table
from core.models import Site
from tests.factories.booking import SYSTEM
from tests.factories.scheduler import AT

NAMED, GRACE, ACU = "column A, Name", "10:00,Grace Okoro", "Acupuncture (manual)"

PRACTITIONERS = "Name,Patients at once,Gender\n", [
    ("Dana Wu,-3,", "column B, Patients at once", "Give a number from 1 to 6."),
    ("Dana Wu,0,", "column B, Patients at once", "Give a number from 1 to 6."),
    ("Dana Wu,2.5,", "column B, Patients at once", "“2.5” is no whole number. Write how many may rest"),
    ('"Dana\nWu",2,', NAMED, "There are several lines in this cell. Write it on one line."),
    ("=1+1,2,", NAMED, "A name cannot begin with ="),
    ("'@SUM(A1),2,", NAMED, "A name cannot begin with ="),
    (",2,", NAMED, "Fill this in: their name"),
    ("Dana Wu,2,robot", "column C, Gender", "“robot” is none of: female"),
]  # fmt: skip
PATIENTS = "Name,Date of birth,E-mail,Phone,Language\n", [
    ("Ann Ash,1961-03-27,,,", "column C, E-mail", "Give an e-mail address or a phone number"),
    ("Ann \u202eAsh,1961-03-27,a@x.test,,", NAMED, "cannot be seen or shown here (U+202E)"),
    ("Ann Ash,9999-12-31,a@x.test,,", "column B, Date of birth", "“9999-12-31” is no date of our time"),
    ("Ann Ash,2090-12-31,a@x.test,,", "column B, Date of birth", "Please check the date of birth."),
    ("Ann Ash,1961-03-27,a@x.test,12,", "column D, Phone", ""),
    ("Ann Ash,1961-03-27,ann,,", "column C, E-mail", "Please give an e-mail address such as"),
    ("Ann Ash,1961-03-27,a@x.test,,Elvish", "column E, Language", "Write one language"),
]  # fmt: skip
HOURS = "Practitioner,Days,From,Until,Every … weeks,First day,Last day\n", [
    ("Grace Okoro,Sat,9:00,12:00,-1,,", "column E, Every … weeks", "Give a number of weeks from 1 to 52."),
    ("Grace Okoro,Sat,9:00,12:00,,,9999-12-31", "column G, Last day", "“9999-12-31” is no date of our time"),
    ("Grace Okoro,Sat,9:00,25:00,,,", "column D, Until", "“25:00” is no time of day."),
    ("Grace Okoro,Sunday school,9:00,12:00,,,", "column B, Days", "names no weekday"),
    ("Twin Name,Sat,9:00,12:00,,,", "column A, Practitioner", "Nobody called Twin Name treats at this site."),
]  # fmt: skip
APPOINTMENTS = "Patient,Date of birth,Date,Time,Practitioner,Therapy,Appointment,Technique\n", [
    (f"Ana Diaz,1961-04-03,9999-12-31,{GRACE},{ACU},,", "column C, Date", "no date of our time"),
    (f"Ana Diaz,1961-04-03,2020-10-08,{GRACE},{ACU},,", "column C, Date", "has passed"),
    (f"Ana Diaz,1961-04-03,2026-10-08,10:00,Nobody,{ACU},,", "column E, Practitioner", "Nobody of this name"),
    (f"Ana Diaz,1961-04-03,2026-10-08,{GRACE},{ACU},third,", "column G, Appointment", "Write first or"),
    (f"Ana Diaz,1961-04-03,2026-10-08,{GRACE},{ACU},,odd", "column H, Technique", "no technique of this key"),
    (f"Ana Diaz,1961-04-03,2026-10-08,{GRACE},Ear acupuncture,,", "column F, Therapy", "do not give this at this site"),
    (f"Bo Chen,1961-04-03,2026-10-08,{GRACE},{ACU},,", "column A, Patient", "no record of this name"),
]  # fmt: skip
TABLES = {"practitioners": PRACTITIONERS, "patients": PATIENTS, "hours": HOURS, "appointments": APPOINTMENTS}


@pytest.mark.parametrize("key", TABLES)
def test_each_row_that_is_wrong_names_its_column_and_what_to_do(key, site):
    patients.register(name="Ana Diaz", birth_date=date(1961, 4, 3), email="a@d.test", site=site, by=SYSTEM, at=AT)
    heading, bad = TABLES[key]
    kind = KINDS[key]
    content = (heading + "\n".join(line for line, _where, _words in bad)).encode()
    table = read_table(content, known={name for column in kind.columns for name in column.names})
    setting = Setting(by=SYSTEM, at=AT, site=site, sites=tuple(Site.objects.all()))
    report = importing.preview(kind, table, setting)
    for number, (outcome, (line, where, words)) in enumerate(zip(report.outcomes, bad, strict=True), start=2):
        found = [(problem.where, problem.words) for problem in outcome.problems]
        assert (outcome.number, outcome.result) == (number, RowResult.WRONG), line
        assert [where] == [one for one, _words in found], (line, found)
        assert words in found[0][1], (line, found)
    named = [one.name for one in report.outcomes if one.name]
    assert len(named) >= len(bad) - 1

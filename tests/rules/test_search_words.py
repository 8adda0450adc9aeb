"""Whoever looks for somebody finds them, however either of them writes it."""
# ruff: noqa: RUF001  (letters that look alike are what this is about)

import pytest
from hypothesis import given
from hypothesis import strategies as st

from booking.patients import search_words
from booking.patients.search_words import is_long_enough, people_query


def meets(query, words):
    """Whether words meet a query, as the database judges it."""
    return any(all(is_among(part, words) for part in way.strip("()").split(" & ")) for way in query.split(" | "))


def is_among(part, words):
    word, begun = part.strip(":*").strip("'"), part.endswith(":*")
    return any(one.startswith(word) if begun else one == word for one in words)


def finds(text, name="", *, email="", phone="", reference="K7M-4QZ-92D"):
    asked = people_query(text)
    person = search_words.of_name(name) | {search_words.of_reference(reference)}
    contacts = [search_words.of_email(email), search_words.of_phone(phone)]
    by_words = not asked.names or meets(asked.names, person) or any(meets(asked.mails, one) for one in contacts)
    by_mail = all(any(meets(query, one) for one in contacts) for query in asked.addresses)
    by_number = not asked.number or any(meets(asked.number, one) for one in contacts)
    return bool(asked) and by_words and by_mail and by_number


@pytest.mark.parametrize(
    ("name", "typed_ways"),
    [
        ("Alice Adams", ["alice adams", "ADAMS, Alice", "ad al", "  Alice\u3000Adams\u200b ", "\uff21\uff4c\uff49ce"]),
        ("Siobhán O’Brien", ["siobhan obrien", "O'Brien", "Oʼbrien", "O´BRIEN", "o brien", "OBrien siob", "O‐Brien"]),
        ("Zoe O Brien", ["obrien", "O'Brien, Zoe", "zoe obrien"]),
        ("Anne-Marie Duprés", ["anne marie", "Annemarie", "ANNE‑MARIE dupre", "marie anne", "Anne–Marie"]),
        ("Annemarie Dupres", ["Anne-Marie", "anne marie dupres"]),
        ("Jan van der Berg", ["van der berg", "vanderberg", "berg jan", "Vanderberg Jan"]),
        ("Łukasz Đorđević", ["lukasz dordevic", "ŁUKASZ", "đorđ"]),
        ("Søren Ærøskøbing", ["soren aeroskobing", "SØREN", "Soeren"]),
        ("Mary Ann Åberg", ["maryann", "Maryann Aaberg", "mary-ann"]),
        ("Đorđe", ["djordje"]),
        ("Jürgen Weiß", ["jurgen weiss", "Juergen Weiss", "JÜRGEN WEISS", "WEIẞ"]),
        ("Juergen Weiss", ["Jürgen Weiß"]),
        ("İpek Işık", ["ipek isik", "IPEK IŞIK", "ipek ışık", "İPEK"]),
        ("Zoë \ufb01ne", ["zoe fine", "Zoe\u0308"]),
        ("王小明", ["王", "小明", "王小明", "王 小明", "明"]),
        ("王 小明", ["王小明"]),
        ("김민수", ["김", "민수", "김 민수"]),
        ("田中 ハナコ", ["田", "はなこ", "ﾊﾅｺ", "ハナ"]),
        ("สมชาย ใจดี", ["ส", "ใจดี", "สมชาย"]),
        ("Νίκος Παπαδόπουλος", ["νικος", "ΠΑΠΑΔΟΠΟΥΛΟΣ"]),
        ("Алёна Фёдорова", ["алена федорова", "ФЕДОР"]),
        ("أحمد على", ["احمد", "علي"]),
        ("Nguyễn Thị Ánh", ["nguyen anh", "Ánh Nguyễn"]),
        ("Alice Adams", ["Mrs. Adams", "Dr Alice Adams", "Adams, Alice M.", "adams alice m"]),
        ("Dr. Alice M. Adams", ["alice adams", "dr adams", "alice m adams"]),
        ("王小明", ["王先生"]),
        ("Maria D’Angelo", ["angelo", "d angelo", "maria angelo", "dangelo"]),
        ("Liam O'Neill", ["neill", "liam neill", "o neill"]),
        ("Jan van ’t Hoff", ["vanthoff", "van 't hoff", "hoff", "van t hoff"]),
        ("Juergen Mueller", ["jurgen muller", "Müller"]),
        ("Ƙwari Ɗan", ["kwari dan"]),
        ("N\u01c3xau", ["nxau", "n!xau"]),
        ("髙橋", ["高橋", "髙橋"]),
        ("שָׁרוֹן בן־גוריון", ["שרון", "בן גוריון", "בן-גוריון"]),
        ("محمد", ["مُحَمَّد", "محـــمد"]),
        ("John Ronald R. R. Tolkien", ["rr tolkien", "tolkien john"]),
        ("J. R. R. Tolkien", ["jrr tolkien", "J.R.R. Tolkien", "j r tolkien"]),
        ("Ian St. John", ["saint john", "st john", "St.John"]),
        ("Ann Saint Clair", ["st. clair", "saintclair"]),
        ("Ana María de los Ángeles", ["delosangeles", "de los angeles", "angeles"]),
        ("Əliyev Şəhla", ["eliyev sehla", "aliyev", "ƏLİYEV"]),
        ("Գևորգ", ["ԳԵՎՈՐԳ", "գեւորգ", "գևորգ"]),
        ("佐々木 ローラ", ["佐佐木", "佐々木", "ろーら"]),
        ("फ़ारूक़ ज़मान", ["फारूक", "फ़ारूक़", "जमान"]),
        ("محمد الخطيب", ["خطيب", "الخطيب محمد"]),
        ("محمد خطيب", ["الخطيب", "خطيب محمد"]),
        ("Kaʻiulani Gal·la", ["kaiulani", "galla", "Ka'iulani"]),
    ],
)
def test_somebody_is_found_by_whatever_spelling_of_their_name(name, typed_ways):
    assert [way for way in typed_ways if not finds(way, name)] == []


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("dams", "Alice Adams"),
        ("alice b", "Alice Adams"),
        ("lian", "Li Anderson"),
        ("Zoe Brienne", "Zoe O'Brien"),
        ("李", "王小明"),
        ("がき", "かき"),
        ("K7M", "Kim Moore"),
        ("…", "Alice Adams"),
        ("'", "Alice Adams"),
    ],
)
def test_somebody_with_another_name_is_not_found(text, name):
    assert not finds(text, name, reference="ZZZ-222-ZZZ")


@pytest.mark.parametrize(
    "way",
    ["K7M-4QZ-92D", "k7m4qz92d", "k7m 4qz 92d", "K7M4", "k7m-4", "K7M–4QZ–92D", "Ref. K7M-4QZ-92D",
     "reference: k7m 4qz 92d", "Your reference is K7M-4QZ-92D.", "Alice K7M-4QZ-92D", "\uff2b\uff17\uff2d4QZ92D"],
)  # fmt: skip
def test_a_reference_is_found_without_dashes_and_in_any_case(way):
    assert finds(way, "Alice Adams")


def test_a_reference_of_figures_in_its_middle_is_no_phone_number():
    assert finds("k7m 429 92d", "Alice Adams", reference="K7M-429-92D")


@pytest.mark.parametrize(
    ("number", "typed_ways"),
    [
        ("+13125550142", ["(312) 555-0142", "312.555.0142", "+1 312 555 0142", "1-312-555-0142", "5550142", "0142"]),
        ("+13125550142", ["\uff13\uff11\uff12 555 0142", "٣١٢٥٥٥٠١٤٢", "312\u2011555\u20110142", "alice 0142"]),
        ("+13125550142", ["tel:+1-312-555-0142", "Phone: 312 555 0142", "312 555 0142 ext. 12", "(312)555-0142 x12"]),
        ("+49301234567", ["+49 (0)30 1234567", "030 123 45 67", "0049 30 1234567", "011 49 30 1234567", "030/1234567"]),
        ("+74951234567", ["8 (495) 123-45-67", "84951234567", "+7 495 1234567"]),
        ("+18005550142", ["800 555 0142", "8005550142"]),
    ],
)
def test_a_phone_number_is_found_by_its_digits_however_they_are_grouped(number, typed_ways):
    assert [way for way in typed_ways if not finds(way, "Alice Adams", phone=number)] == []


def test_another_number_is_not_found():
    assert not finds("5550143", "Alice Adams", phone="+13125550142")
    assert not finds("bob 0142", "Alice Adams", phone="+13125550142")


@pytest.mark.parametrize(
    "way", ["zoe.quinn@example.org", "ZOE.Q", "zoe@", "quinn", "@example", "example.org", "zoe quinn"]
)
def test_an_address_is_found_by_its_parts(way):
    assert finds(way, "Z", email="zoe.quinn@example.org") == (way != "zoe@")
    assert finds("zoe@", "Z", email="Zoe@example.org")


@pytest.mark.parametrize(
    "way",
    ["<zoe@example.org>,", "mailto:Zoe@Example.org", "zoe@example.org.", '"Zoe Quinn" <zoe@example.org>', "(zoe@)"],
)
def test_an_address_is_found_as_it_is_copied_out_of_a_mail(way):
    assert finds(way, "Zoe Quinn", email="zoe@example.org")
    assert not finds(way, "Zoe Quinn", email="zoe@other.org") or way == "(zoe@)"


@pytest.mark.parametrize(
    "way",
    [
        "3/27/1961", "03-27-1961", "27.3.1961", "27.03.61", "1961-03-27", "27 March 1961", "March 27, 1961", "03271961",
        "3/27/61", "1961年3月27日", "19610327",
    ],
)  # fmt: skip
def test_a_birth_date_is_read_as_people_write_it(way):
    assert "1961-03-27" in [day.isoformat() for day in people_query(way).born]
    beside = people_query(f"Adams {way}")
    assert ("1961-03-27" in [day.isoformat() for day in beside.born], "'adams':*" in beside.names) == (True, True)


def test_a_birth_date_that_can_be_two_finds_both():
    assert [day.isoformat() for day in people_query("4/3/1961").born] == ["1961-04-03", "1961-03-04"]


@pytest.mark.parametrize(
    ("text", "enough"), [("王", True), ("ส", True), ("김", True), ("zo", False), ("  zo  ", False)]
)
def test_one_sign_suffices_where_a_script_has_no_spaces(text, enough):
    assert is_long_enough(text, shortest=3) == enough
    assert is_long_enough("zoe", shortest=3)
    assert not is_long_enough("\u200b\u200b…", shortest=3)


@given(st.text(max_size=40))
def test_whatever_is_typed_becomes_a_query_without_quotes_of_its_own(text):
    asked = people_query(text)
    for query in (asked.names, asked.mails, asked.number, *asked.addresses):
        assert query.count("'") == 2 * (query.count(":*") + query.count("'="))
        assert "\\" not in query


@given(st.text(min_size=1, max_size=30))
def test_a_name_typed_as_it_is_written_is_found(name):
    words = search_words.of_name(name)
    asked = people_query(name)
    assert not (asked.names and words) or meets(asked.names, words) or asked.born or asked.number or asked.addresses

"""Names, e-mail addresses and phone numbers as people give them, brought into one form: no database, no clock."""

import re
import unicodedata

from babel import Locale, UnknownLocaleError
from django.utils.translation import gettext as _

from core.text import clean, formulas, mail_addresses, phone_numbers

NAME_LONGEST = 120
# A greeting is one line of a mail; a longer one is something else that somebody wants mailed.
GREETED_LONGEST = 60
IN_NAMES = frozenset(" '-.,\u2019\u02bc\u2018\u2010\u00b7\u200c\u200d")
"""What stands in names beside letters: apostrophes, hyphens, dots, commas, joiners."""

DOMAIN = re.compile(r"\.\w{2}")
"""A dot within a word, as in the name of a site."""

LINE_LONGEST = 200
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}")
# As long as the column is.
LANGUAGE_LONGEST = 12


class Unusable(ValueError):  # noqa: N818  (an answer, not an error)
    """What was given cannot be used; the message is for the person who gave it."""


def line(text: str, *, longest: int = LINE_LONGEST) -> str:
    """Return `text` as one clean line. Raises Unusable."""
    try:
        one = clean.line(text)
    except clean.UnusableText as error:
        raise Unusable(str(error)) from error
    if len(one) > longest:
        raise Unusable(_("Please use at most %(longest)d letters.") % {"longest": longest})
    return one


def name(text: str) -> str:
    """Return a person's name, trimmed; it has at least one letter, and is no formula. Raises Unusable."""
    one = line(text, longest=NAME_LONGEST)
    if formulas.begins_formula(one):
        raise Unusable(formulas.no_name())
    if not any(c.isalpha() for c in one):
        raise Unusable(_("Please give a name."))
    return one


def greeting_name(called: str) -> str:
    """Return a name as its owner is greeted: the whole of it, or nothing where it may be more, or other, than a name.

    Anybody can type anything into the field for a name, and have it mailed from here: no address, link or number is.
    A title or initials alone ("Dr.") are no name.
    """
    # "Lee," from a list of names would be greeted as "Hello Lee,,".
    shown = called.strip(" ,;:")
    letters = all(c in IN_NAMES or unicodedata.category(c)[0] in "LM" for c in shown)
    named = letters and not DOMAIN.search(shown) and not all(word.endswith(".") for word in shown.split())
    return shown if named and len(shown) <= GREETED_LONGEST else ""


def email(text: str) -> str:
    """Return an e-mail address in the one form that is kept. Raises Unusable.

    Spaces, and what stands around it in a sentence, are left out: each door takes what any of them takes.
    """
    # As it is copied out of a sentence or a mail program: "<ann@example.org>,".
    bare = clean.without_unseen(text).strip(".,;<>")
    try:
        return mail_addresses.normal(line(bare, longest=mail_addresses.LONGEST))
    except mail_addresses.NoAddress as error:
        raise Unusable(str(error)) from error


def phone(text: str, *, country: str | None) -> str:
    """Return a phone number as "+13125550100"; without a country code it is one of `country`. Raises Unusable."""
    try:
        return phone_numbers.normal(text, country)
    except (phone_numbers.NoNumber, clean.UnusableText) as error:
        raise Unusable(str(error)) from error


def language(tag: str) -> str:
    """Return a language tag such as "en" or "zh-Hans", of a language that dates can be written in. Raises Unusable."""
    if len(tag) > LANGUAGE_LONGEST or not LANGUAGE.fullmatch(tag):
        raise Unusable(_("Please choose a language."))
    try:
        Locale.parse(tag, sep="-")
    except (UnknownLocaleError, ValueError) as error:
        raise Unusable(_("Please choose a language.")) from error
    return tag

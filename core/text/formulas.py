"""What a spreadsheet may take for a formula: no cell that goes out is one, and no name that comes in. No database."""

from django.utils.translation import gettext as _

SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""Signs with which a formula may begin (OWASP), also as wide as letters of Chinese."""

READ_PAST = " \xa0\u200b\ufeff"
"""What some spreadsheets read past before a formula."""


def begins_formula(text: str) -> bool:
    """Whether a spreadsheet may take a text for a formula."""
    return text.startswith(SIGNS) or text.lstrip(READ_PAST).startswith(SIGNS)


def no_name() -> str:
    """Say why a name may not begin like a formula, and what to do."""
    return _("A name cannot begin with =, +, - or @: spreadsheets take that for a formula. Leave the sign out.")

"""Texts by language, of which somebody types the English one."""

from collections.abc import Mapping

from core.text.languages import BASE


def english(text: str, texts: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return texts by language with a new English one; none at all where it is empty."""
    others = {tag: told for tag, told in (texts or {}).items() if tag != BASE}
    return {BASE: text, **others} if text else {}

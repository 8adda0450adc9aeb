"""Columns of our own."""

from collections.abc import Callable, Collection
from typing import Any

from django.contrib.postgres.search import SearchVectorField
from django.db import models
from django.db.models import Lookup

from core.text.folding import LONGEST, fold


class FoldedField(models.CharField):  # type: ignore[type-arg]  # not subscriptable at run time
    """A text column of the same row, folded; it is written whenever the row is, or when `update_fields` names it."""

    def __init__(self, *, of: str, **options: Any) -> None:  # noqa: ANN401  (whatever a column takes)
        self.of = of
        super().__init__(**{"max_length": LONGEST, "editable": False} | options)

    def deconstruct(self) -> Any:  # noqa: ANN401  (as Django has it)
        """Return how a migration makes this field."""
        name, path, args, options = super().deconstruct()
        return name, path, args, options | {"of": self.of}

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001, ARG002  (Django's own)
        """Fold the text as it is now."""
        # Folded in Python: the embedded server has no `unaccent`, and what is typed into a search is folded by the same
        # function.
        folded = fold(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, folded)
        return folded


class SearchWordsField(SearchVectorField):  # type: ignore[type-arg]  # not subscriptable at run time
    """The words by which a row is found, by their beginnings: what its method `search_words_now` returns when saved."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401  (whatever a column takes)
        super().__init__(**{"null": True, "editable": False} | options)

    def pre_save(self, model_instance: models.Model, add: bool) -> str:  # noqa: FBT001, ARG002  (Django's own)
        """Gather the words as they are now."""
        now: Callable[[], Collection[str]] = model_instance.search_words_now  # type: ignore[attr-defined]
        words = as_vector(now())
        setattr(model_instance, self.attname, words)
        return words


@SearchWordsField.register_lookup
class FoundBy(Lookup):
    """Rows whose words meet a query such as "'ann':* & 'lee':*"; no dictionary and no parser comes between."""

    lookup_name = "found_by"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:  # noqa: ANN401  (as Django has it)
        """Return the comparison."""
        left, left_params = self.process_lhs(compiler, connection)
        right, right_params = self.process_rhs(compiler, connection)
        return f"{left} @@ {right}::tsquery", (*left_params, *right_params)


def as_vector(words: Collection[str]) -> str:
    """Return words, which hold no quotes, as PostgreSQL writes them down."""
    return " ".join(f"'{word}'" for word in sorted(words))

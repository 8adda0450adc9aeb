"""Columns of our own."""

from typing import Any

from django.db import models

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
        folded = fold(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, folded)
        return folded

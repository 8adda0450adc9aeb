"""A filter that narrows a list in the admin until all of it is asked for."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.functional import Promise


class NarrowingFilter(admin.SimpleListFilter):
    """Django's own filters show everything first. `narrowed` and `everything`: what the two choices are called."""

    narrowed: ClassVar[str | Promise]
    everything: ClassVar[str | Promise]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Return the choice beside the default, as pairs of what stands in the address and what is shown."""
        return [("all", self.everything)]

    def choices(self, changelist: Any) -> Any:
        """Return the choices as Django's template shows them; what it calls "All" is the narrowed list here."""
        first, *others = super().choices(changelist)
        return [first | {"display": self.narrowed}, *others]

    @property
    def narrows(self) -> bool:
        """Whether all was not asked for."""
        return self.value() != "all"

"""Pages of the admin that save by actions: each is one unit, and a refusal at the last moment is said on a page."""

from functools import partial
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from core.database.locking import wait_for
from core.database.transactions import as_one
from core.refusals import Refusal


class EditsAsOne(admin.ModelAdmin):  # type: ignore[type-arg]  # not subscriptable at run time
    """Rows that are edited by actions: the edit and the admin's own log are one, tried again when the database asks."""

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        """Show or save a row."""
        show_or_save = super().changeform_view

        def one_after_the_other(*args: Any, **kwargs: Any) -> HttpResponse:
            # Before the row is read: two who press at once would each find it as their page showed it.
            if object_id and request.method == "POST":
                wait_for(f"page of {self.opts.label_lower} {object_id}")
            return show_or_save(*args, **kwargs)

        return self._whole(request, one_after_the_other, object_id, *args, **kwargs)

    def delete_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Ask before deleting, or delete."""
        return self._whole(request, super().delete_view, *args, **kwargs)

    def changelist_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """List the rows, or do something to those that were chosen."""
        return self._whole(request, super().changelist_view, *args, **kwargs)

    def _whole(self, request: HttpRequest, view: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        """Run a view as one unit. What was refused only now, since somebody was quicker, is said on the list's page."""
        try:
            answer: HttpResponse = as_one(partial(view, request, *args, **kwargs))
        except Refusal as refusal:
            self.message_user(request, in_words(refusal), messages.ERROR)
            return HttpResponseRedirect(reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist"))
        return answer


def in_words(refusal: Refusal) -> str:
    """Return a refusal in a sentence or a few: what is wrong with each field, where it says that."""
    found = refusal.facts.get("errors")
    data = [str(error["detail"]) for error in found if error.get("detail")] if isinstance(found, list) else []
    return " ".join(data) or str(refusal)

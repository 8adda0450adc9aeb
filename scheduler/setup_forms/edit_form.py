"""What forms of calendars and of the catalogue share: each tries its edit before saving, beside its fields."""

from abc import abstractmethod
from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy

from core.database.transactions import rehearsal
from core.refusals import Refusal
from core.staff_pages.action_form import ActionForm
from scheduler.errors import StillInUse
from scheduler.setup_forms.edit_messages import would_uncover_message
from scheduler.setup_forms.edit_scope import EditScope
from scheduler.sheets.edit_impact import Impact


class EditForm(ActionForm):
    """An edit of a calendar. `scope` is set by the admin: who edits, and how far they reach."""

    scope: ClassVar[EditScope]
    question = ""
    """What will happen, and how to confirm it: asked once, in place of saving."""
    close_at = ""
    """The page on which it is closed from a day on, where that comes before it goes out of use."""
    anyway = forms.BooleanField(
        required=False, widget=forms.HiddenInput, label=gettext_lazy("Save all the same: I look for other times")
    )

    def clean(self) -> dict[str, Any]:
        """Rehearse the edit and show what is refused, by field where it has one."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors and self.in_reach():
            try:
                # Tried with all that it locks, then undone: a refusal stands beside its field before anything is saved.
                with rehearsal(only=True):  # what is refused here must not end what stands around it
                    self.ask(self.act(dry_run=True))
            except Refusal as refusal:
                self.show(refusal)
        return cleaned

    def show(self, refusal: Refusal) -> None:
        """Put a refusal where it belongs: what is needed still, beside the box that says that it is in use."""
        if isinstance(refusal, StillInUse):
            self.close_at = str(refusal.facts["close_at"])
            self.add_error("active" if "active" in self.fields else None, str(refusal))
        else:
            super().show(refusal)

    def settles_each(self) -> None:
        """Let nobody save all the same: each appointment that is left without cover is settled, where that is asked."""
        self.fields["anyway"].disabled = True  # what is sent there says nothing

    def ask(self, impact: Impact[Any]) -> None:
        """Before visits are left without cover, name them and ask once."""
        if impact.uncovered and not self.cleaned_data.get("anyway"):
            if not self.fields["anyway"].disabled:
                self.fields["anyway"].widget = forms.CheckboxInput()
            self.question = would_uncover_message(impact.uncovered)
            self.add_error("anyway", self.question)

    def in_reach(self) -> bool:
        """Whether whoever edits may edit this; if not, say so."""
        return True

    @abstractmethod
    def act(self, *, dry_run: bool = False) -> Impact[Any]:
        """Do the edit. Raises Refusal."""

    def given(self, field: str) -> Any:
        """Return what was entered, or what stands where the field cannot be changed."""
        return self.cleaned_data[field] if field in self.fields else getattr(self.instance, field)


def merged(impacts: Iterable[Impact[Any]]) -> Impact[Any]:
    """Return several edits as one: the first row, and all that they leave without cover or warn of."""
    all_of = list(impacts)
    left = {one.allocation: one for impact in all_of for one in impact.uncovered}
    return Impact(
        row=all_of[0].row,
        uncovered=tuple(sorted(left.values(), key=lambda one: (one.start, one.allocation))),
        warnings=tuple(one for impact in all_of for one in impact.warnings),
    )

"""What forms of the staff pages share that save by an action: it is tried first, and refuses beside its field."""

from abc import abstractmethod
from typing import Any

from core.form_errors import SaysWhatToDo
from core.forms import ChangesForm, CleanText
from core.refusals import Refusal


class ActionForm(SaysWhatToDo, CleanText, ChangesForm):
    """A form of a row that actions check and write."""

    def _post_clean(self) -> None:
        """Leave the row alone: actions check and write."""

    @abstractmethod
    def act(self) -> Any:
        """Do it. Raises Refusal."""

    def show(self, refusal: Refusal) -> None:
        """Put a refusal where it belongs: beside its field, or at the top."""
        found = refusal.facts.get("errors")
        for error in found if isinstance(found, list) else [{"pointer": "", "detail": str(refusal)}]:
            field = error["pointer"].strip("/")
            self.add_error(field if field in self.fields else None, error["detail"] or str(refusal))

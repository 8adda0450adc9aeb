"""What somebody needs for an appointment: asked for by whoever has its link, shown to its patient alone."""

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from booking.access_needs import WORDS, AccessNeed
from booking.actions import access_needs
from booking.models import AccessNeeds
from booking.patients.known_by_link import went_to_its_patient
from booking.status import Move
from booking.web import birth_date_proof
from booking.web.families.family_forms import LANGUAGES
from booking.web.link_context import LinkAccess
from booking.web.responses import asked_or_sent, private_page, refusals_as_pages
from core import clock
from core.form_errors import SaysWhatToDo
from core.forms import described, problems
from core.text.languages import language_in_words


class AccessNeedsForm(SaysWhatToDo, forms.Form):
    """What somebody can ask for; nothing is no fault."""

    needs = forms.MultipleChoiceField(
        choices=[(one.value, WORDS[one]) for one in AccessNeed],
        required=False,
        error_messages=dict.fromkeys(("invalid_choice", "invalid_list"), gettext_lazy("Choose among these")),
    )
    interpreter = forms.ChoiceField(label=gettext_lazy("Interpreter"), required=False)

    def __init__(self, data: Any, *, initial: dict[str, Any]) -> None:  # noqa: ANN401  (as Django has it)
        super().__init__(data, initial=initial)
        field: Any = self.fields["interpreter"]
        spoken = [(tag, language_in_words(tag)) for tag in LANGUAGES if tag != "en"]
        field.choices = [("", _("No, we can speak English")), *spoken]


@csrf_exempt
@private_page
@asked_or_sent
@refusals_as_pages
def needs(request: HttpRequest, token: str) -> HttpResponse:
    """Ask what is needed; note what is chosen."""
    at = clock.now()
    access = LinkAccess.of(token, at=at)
    if not access.may(Move.RESCHEDULE, at=at):
        return redirect(access.urls.see)
    form = AccessNeedsForm(request.POST if request.method == "POST" else None, initial=_now(request, access, at=at))
    saved = form.is_valid()
    if saved:
        chosen = [AccessNeed(one) for one in form.cleaned_data["needs"]]
        access_needs.ask(access.link, needs=chosen, interpreter=form.cleaned_data["interpreter"], at=at)
    wrong = problems(form) if form.is_bound and not saved else []
    ticked = form["needs"].value() or []
    context = {
        "form": described(form),
        "problems": wrong,
        "saved": saved,
        "choices": [(one.value, WORDS[one], one.value in ticked) for one in AccessNeed],
        "phone": access.visit.site.phone,
        "back": access.urls.see,
    }
    return render(request, "booking/access_needs.html", context, status=422 if wrong else 200)


def _now(request: HttpRequest, access: LinkAccess, *, at: datetime) -> dict[str, Any]:
    """Return what was asked for, to its patient; whoever has the link alone may ask, and reads nothing of it."""
    if not (birth_date_proof.is_remembered(request, access.link, at=at) and went_to_its_patient(access.link)):
        return {}
    asked = AccessNeeds.objects.filter(appointment=access.visit).first()
    return {"needs": asked.needs, "interpreter": asked.interpreter} if asked else {}

"""The page for people who lost the link to their visit. Its answer is the same whether there is a visit or not."""

from datetime import date

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from booking import public as booking
from core import clock
from core.form_errors import SaysWhatToDo
from core.forms import AddressInput, described, problems
from core.http.networks import network_of
from core.http.post_redirect_get import answers_by_redirect
from core.text.typed_dates import date_typed, what_is_impossible
from notifications.actions import lost_links
from notifications.errors import TooManyLinkRequests


class LostLinkForm(SaysWhatToDo, forms.Form):
    """What finds somebody's visits: the address they gave, and their date of birth."""

    email = forms.CharField(
        label=_("E-mail"),
        max_length=254,
        help_text=_("The one that you gave when you booked."),
        widget=AddressInput(),
        error_messages={"required": _("Enter your e-mail address")},
    )
    birth_date = forms.CharField(
        label=_("Date of birth"),
        help_text=_("Month, day and year. For example, 3/27/1961"),
        widget=forms.TextInput(attrs={"autocomplete": "bday", "class": "short"}),
        error_messages={"required": _("Enter your date of birth")},
    )

    def clean_email(self) -> str:
        """Return the address in the one form that is kept."""
        try:
            return booking.email_address(str(self.cleaned_data["email"]))
        except booking.Unusable as error:
            raise forms.ValidationError(str(error)) from error

    def clean_birth_date(self) -> date:
        """Return the date, in whatever way it was typed."""
        born = date_typed(self.cleaned_data["birth_date"])
        if born is None:
            wrong = what_is_impossible(self.cleaned_data["birth_date"])
            raise forms.ValidationError(
                wrong or _("Enter your date of birth like 3/27/1961, with four digits for the year")
            )
        return born


@answers_by_redirect
def lost_link(request: HttpRequest) -> HttpResponse:
    """Ask for address and date of birth; have the links of the visits ahead sent again."""
    form, status = LostLinkForm(request.POST if request.method == "POST" else None), 422
    again_after = ""
    if form.is_valid():
        try:
            lost_links.ask(**form.cleaned_data, network=network_of(request), at=clock.now())
        except TooManyLinkRequests as refusal:
            # Above the form, with what was typed in it: in an hour it is sent again by one press.
            form.add_error(None, str(refusal.title))
            status, again_after = refusal.status, str(refusal.facts["retry_after"])
        else:
            return redirect("link-sent")
    wrong = problems(form) if form.is_bound else []
    context = {"form": described(form), "problems": wrong}
    answer = render(request, "notifications/lost_link.html", context, status=status if wrong else 200)
    if again_after:
        answer.headers["Retry-After"] = again_after
    return answer


@require_safe
def link_sent(request: HttpRequest) -> HttpResponse:
    """Say what happens next, and nothing about who is known here."""
    return render(request, "notifications/link_sent.html")

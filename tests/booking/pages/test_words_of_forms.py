"""Whatever a form of the desk or of a patient's page finds wrong is said in words of ours, with what to do."""

import importlib
import inspect
import pkgutil
import re
from datetime import date

import pytest
from django import forms
from django.core import validators
from django.http import QueryDict
from django.utils.functional import Promise

import booking.web
import notifications.web
from booking.screening.policies import screening_policy
from booking.screening.questionnaire import FollowUp
from booking.suitability.questions import AskedQuestion, QuestionPage
from booking.web.desk.families.new_person_forms import NewAtSiteForm
from booking.web.desk.shell import desk_of
from booking.web.forms import PersonForm
from core.form_errors import SaysWhatToDo
from core.models import Site
from core.rights import Action
from core.roles import Role
from core.staff_pages.policy_facts import PolicyRights
from scheduler.public import offered
from tests.factories.booking import make_patient, make_staff
from tests.factories.policies import adopt_screening
from tests.factories.scheduler import AT

pytestmark = pytest.mark.django_db

QUESTION = AskedQuestion(key="pregnant", words="Are you pregnant?", choices=("yes", "no"), places=("arm", "leg"))
NONSENSE = "no such thing " * 2_000


def modules(package):
    for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(one.name)


def all_forms():
    """Return every form that a page for patients or the desk has, but for Django's own of passwords."""
    found = {
        thing
        for package in (booking.web, notifications.web)
        for module in modules(package)
        for thing in vars(module).values()
        if inspect.isclass(thing) and issubclass(thing, forms.BaseForm) and thing.__module__ == module.__name__
    }
    return sorted((one for one in found if "password" not in one.__name__.lower()), key=lambda one: one.__qualname__)


def djangos_sentences():
    """Return what Django says, each as a pattern: of every kind of field and of validators."""
    fields = [thing for thing in vars(forms).values() if inspect.isclass(thing) and issubclass(thing, forms.Field)]
    fields += [forms.models.ModelChoiceField, forms.models.ModelMultipleChoiceField]
    said = [str(one) for field in fields for one in getattr(field, "default_error_messages", {}).values()]
    for thing in vars(validators).values():
        message = getattr(thing, "message", None)
        if isinstance(message, (str, Promise)):
            said.append(str(message))
    patterns = {re.sub(r"%\\?\(\w+\\?\)\w", ".*", re.escape(one).replace("\\ ", " ")) for one in said if one}
    return [re.compile(one) for one in patterns] + [re.compile("^Ensure this value|^Enter a valid|^Select a valid")]


@pytest.fixture
def given(site, rf):
    """Return what forms are made of, by the names of their arguments."""
    adopt_screening()
    here = Site.objects.get()
    policy = screening_policy(here.pk, starts_at=AT)
    rights = PolicyRights.of(make_staff("ada", Role.ADMIN, site=here).principal)
    frank, asked = make_staff("frank", Role.PROGRAM, site=here), rf.get("/desk/families/together/")
    asked.user = frank.user
    sites = {one.site.key: one.site for one in offered("acu_manual", "first")}
    return {
        "site": here, "on": AT.date(), "policy": policy, "wanted": list(FollowUp),
        "choosable": (), "offered": (), "question": QUESTION, "asked": (QUESTION,), "given": {},
        "page": QuestionPage(title="", questions=(QUESTION,)), "sites": sites,
        "patient": make_patient(here), "fields": frozenset(NewAtSiteForm.base_fields), "seen": 1,
        "visits": (), "at": AT, "rights": rights, "desk": desk_of(asked, Action.RESERVE_SEATS, at=AT),
        "by": frank.principal, "tag": "en", "initial": {"not_before": "", "not_after": "", "language": "en"},
    }  # fmt: skip


def wrong(form, given):
    """Return what a form says to nothing, and to nonsense in each field."""
    needed = inspect.signature(form).parameters
    more = {name: given[name] for name in needed if name in given and needed[name].default is inspect.Parameter.empty}
    if issubclass(form, PersonForm):  # some of them hand it on unnamed
        more["on"] = given["on"]
    sent_as = "data" if {"data", "kwargs"} & set(needed) else next(iter(needed))
    empty = form(**{sent_as: QueryDict()}, **more)
    nonsense = QueryDict(mutable=True)
    nonsense.update(dict.fromkeys(empty.fields, NONSENSE) | {"act": "invite"})
    said = [
        str(text)
        for one in (empty, form(**{sent_as: nonsense}, **more))
        for texts in one.errors.values()
        for text in texts
    ]
    return [text for text in said if any(pattern.search(text) for pattern in djangos_sentences())]


@pytest.mark.parametrize("form", all_forms(), ids=[one.__qualname__ for one in all_forms()])
def test_no_form_speaks_in_the_sentences_of_its_framework(form, given):
    assert wrong(form, given) == []


def test_twin_a_form_that_leaves_it_to_the_framework_is_found(given):
    class Plain(forms.Form):
        day = forms.DateField()
        many = forms.IntegerField(max_value=3)
        which = forms.ChoiceField(choices=[("a", "A")])

    assert len(wrong(Plain, given)) >= 5


def test_each_field_is_named_with_what_to_do():
    class Asked(SaysWhatToDo, forms.Form):
        first_on = forms.DateField(label="First day, 100 % sure", help_text="Such as 3/27/2026.")
        last_on = forms.DateField(label="Last day")
        many = forms.IntegerField(max_value=3)
        which = forms.ChoiceField(label="Which one", choices=[("a", "A")])
        form_id = forms.UUIDField(widget=forms.HiddenInput)
        own = forms.CharField(error_messages={"required": "Say why"})
        short = forms.CharField(max_length=2)

    sent = {"first_on": "soon", "last_on": "soon", "many": "4", "which": "b", "form_id": "x", "own": "", "short": "abc"}
    assert {name: texts[0] for name, texts in Asked(sent).errors.items()} == {
        "first_on": "Type this anew, as its hint says: First day, 100   sure",
        "last_on": "Type this anew: Last day",
        "many": "Type a number of at most 3: Many",
        "which": "Choose one of the answers: Which one",
        "form_id": "Open this page again, and send it once more.",
        "own": "Say why",
        "short": "Make this shorter, 2 letters at most: Short",
    }
    assert Asked({"first_on": date(2026, 10, 5)}).errors["short"] == ["Fill this in: Short"]

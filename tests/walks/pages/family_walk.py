"""All that either of two people who are linked can open and send."""

import json
import re
from collections.abc import Iterator
from uuid import uuid4

from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from rest_framework import serializers

from booking.families import codes
from booking.families.codes import LinkPurpose
from booking.models import FamilyLink
from booking.web.slot_ids import sealed
from core.rights import may_ever
from tests.api.conftest import client_of
from tests.api.routes import OPERATIONS, kind_of, send
from tests.booking.pages.linked_pair import Linked
from tests.booking.pages.walk import a_time, hold
from tests.factories.booking import chicago, slot_id

BY_OWN_LINK = "by their own link"
PAGES = ("book/", "m/", "family/", "lost-link/")


# What pages show


def pages() -> Iterator[URLPattern]:
    """Yield all pages for patients that need nothing but a therapy's key or a mail's link in their address."""
    for entry in get_resolver().url_patterns:
        inner = entry.url_patterns if isinstance(entry, URLResolver) and str(entry.pattern) == "" else [entry]
        for one in inner:
            route = str(one.pattern)
            ours = route == "" or route.startswith(PAGES)
            if isinstance(one, URLPattern) and one.name and ours and not re.search("<(uuid|int)|<slug:act", route):
                yield one


def address_of(page: URLPattern, mine: Linked) -> str:
    token = mailed_to_the_patient() if page.name == "family-patient" else mine.token
    given = {"token": token, "therapy": "acu_manual", "family": "needles"}
    route = str(page.pattern)
    address = reverse(page.name, kwargs={name: one for name, one in given.items() if f":{name}>" in route})
    return f"{address}?visit=first" if "<slug:therapy>" in route else address


def mailed_to_the_patient() -> str:
    """Return the token of the patient's own page about their family, as it is mailed to who has no appointment."""
    link = FamilyLink.objects.get()
    address = link.patient.contacts.get().value
    token = codes.token_of(link.public_id, LinkPurpose.PATIENT, address=address)
    FamilyLink.objects.update(patient_digest=codes.token_digest(token))
    return token


def browsers(mine: Linked) -> dict[str, Client]:
    """Return how somebody comes, and keeps a time: signed in; by their family's link, or as a visitor; by their own."""
    found = {"signed in": Client(), "without an account": Client(), BY_OWN_LINK: Client()}
    for number, (how, browser) in enumerate(found.items(), start=8):
        if how == "signed in":
            browser.force_login(mine.who.user)
        elif how == BY_OWN_LINK:
            browser.post(reverse("manage-again", args=[mine.token]), typed_by(mine))
            assert "You are booking for" in browser.get(reverse("therapy")).text
        elif FamilyLink.objects.filter(relative=mine.visit.patient).exists():
            link = FamilyLink.objects.get()
            browser.post(reverse("family-mailed", args=[codes.token_of(link.public_id, LinkPurpose.WAY_BACK)]))
        assert hold(browser, number).status_code == 302
        browser.post("/book/you/", typed_by(mine))
    return found


def typed_by(someone: Linked) -> dict[str, str]:
    """Return what somebody types of themselves."""
    person = someone.visit.patient
    born = f"{person.birth_date:%m/%d/%Y}"
    return {"name": person.name, "email": person.contacts.get().value, "birth_date": born}


def shown_by(browser: Client, method: str, address: str, sent: dict[str, str] | None = None) -> str:
    """Return what a page answers, with where it leads; what a posted form does is taken back, also in the browser."""
    kept = browser.cookies.output(header="")
    with transaction.atomic():
        answer = browser.get(address) if method == "GET" else browser.post(address, sent or {})
        transaction.set_rollback(True)
    browser.cookies.clear()
    browser.cookies.load(kept)
    text = answer.content.decode(errors="replace") + str(answer.headers)
    for one in (sent or {}).values():
        text = text.replace(one, "")
    return text.replace(address, "")


def walked_pages(mine: Linked, theirs: Linked) -> dict[str, str]:
    """Return what every page shows to one side, however they come, and answers to their forms.

    They fill them in about themselves and about the other: with their time, their appointment, what they would type.
    """
    kept = sealed(slot_id(theirs.visit.practitioner, theirs.visit.period.lower))
    forms = {
        "their own": {"slot": a_time(4), "code": "7777-7777", "act": "invite"} | typed_by(mine),
        "the other's time": {"slot": kept, "hold": str(theirs.visit.public_id)} | typed_by(mine),
        "the other's details": {"slot": a_time(4)} | typed_by(theirs),
    }
    found = {}
    for how, browser in browsers(mine).items():
        for address in sorted({address_of(page, mine) for page in pages()}):
            if address.startswith("/m/") and how != "without an account":
                continue  # who has signed in, or came by their own link, makes no difference there
            found[f"{how} GET {address}"] = shown_by(browser, "GET", address)
            for name, form in forms.items():
                found[f"{how} POST {address} {name}"] = shown_by(browser, "POST", address, form)
    return found


# What the API answers


def named_things(whose: Linked) -> dict[str, object]:
    """Return what addresses of the API name, by the kind of thing."""
    link = FamilyLink.objects.get().public_id
    return {
        "appointment": whose.visit.public_id,
        "patient": whose.visit.patient.public_id,
        "slot": slot_id(whose.visit.practitioner, whose.visit.period.lower),
        **dict.fromkeys(("family_link", "own_link", "left_link"), link),
    }


def address_in(route: str, thing: object) -> str:
    return "/" + route.replace("<uuid:id>", str(thing)).replace("<str:id>", str(thing))


def opened_api(mine: Linked, theirs: Linked) -> dict[str, str]:
    """Return what every address of the API answers one side who asks for the other's things."""
    client, things, found = client_of(mine.who.user), named_things(theirs), {}
    for method, route, _cls in OPERATIONS:
        if method != "GET" or ("<" in route and kind_of(route) not in things) or route.endswith(("schema/", "docs/")):
            continue
        thing = things.get(kind_of(route), "")
        answer = send(client, method, route, thing)
        found[f"GET {address_in(route, thing)}"] = without(answer, address_in(route, thing))
    return found


def sent_to_api(mine: Linked, theirs: Linked) -> dict[str, str]:
    """Return what the API answers to whatever one side may send, about their own things and about the other's."""
    client, found = client_of(mine.who.user), {}
    for method, route, cls in (one for one in OPERATIONS if one[0] != "GET"):
        asked = [(theirs, {})]
        if may_ever(mine.who.principal, cls.rights[method]):
            free, taken = slot_id(mine.visit.practitioner, chicago(13, 9)), named_things(theirs)["slot"]
            about = (mine, free), (mine, taken), (theirs, taken)
            own, at_once, others = (body_of(cls, method, *one) for one in about)
            asked = [(mine, own), (mine, at_once), (theirs, others)]
        for number, (named, body) in enumerate(asked):
            thing = named_things(named).get(kind_of(route), uuid4())
            answer = send(client, method, route, thing, body=json.dumps(body), HTTP_IDEMPOTENCY_KEY=str(uuid4()))
            where = f"{method} {address_in(route, thing)} {number}: {answer.status_code}"
            found[where] = without(answer, address_in(route, thing), *body.values())
    return found


def without(answer, *sent: object) -> str:
    """Return an answer with its headers, without what whoever asked has sent."""
    answer.render() if hasattr(answer, "render") else None
    text = answer.content.decode(errors="replace") + str(answer.headers)
    for one in sorted((str(one) for one in sent if one), key=len, reverse=True):
        text = text.replace(one, "")
    return text


def body_of(cls: type, method: str, about: Linked, slot: object) -> dict[str, object]:
    """Return a body for one operation, about one side: what must be sent, and whatever names somebody or a time."""
    form = getattr(cls, "form", None)
    patient = about.visit.patient
    named = {"patient": patient.public_id, "email": patient.contacts.get().value, "slot": slot}
    needed = {"name": about.name, "birth_date": patient.birth_date, "site": "lakeside", "search": about.name} | named
    fields = form().fields if form else {}
    return {
        name: str(needed[name]) if name in needed else filled(field)
        for name, field in fields.items()
        if name in named or (field.required and method != "PATCH")
    }


def filled(field: serializers.Field) -> object:
    """Return something that a field takes."""
    if isinstance(field, serializers.ChoiceField):
        return next(iter(field.choices))
    if isinstance(field, serializers.ListField):
        return [filled(field.child)]
    kinds = {
        serializers.BooleanField: True,
        serializers.IntegerField: 1,
        serializers.UUIDField: str(uuid4()),
        serializers.DateTimeField: "2026-10-14T15:00:00Z",
        serializers.DateField: "2026-10-14",
        serializers.DictField: {},
    }
    return next((one for kind, one in kinds.items() if isinstance(field, kind)), "some words")

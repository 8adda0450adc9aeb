"""What staff do with policies at the desk: draft them, look at them, approve and publish them."""

from django.test import Client

from core.models import Policy, PolicyState, User
from core.policies.keys import yaml_of
from tests.booking.pages.walk import text_of
from tests.factories.admin import sign_in

LIST = "/desk/policies/"
BOTH = {"kind": "booking:all", "place": "lakeside"}


def staff(name, role, site):
    client = sign_in(Client(), name, role, site, first_name=name.title(), last_name="Moss")
    User.objects.filter(username=name).update(is_staff=False)
    return client


def page(client, policy, **query):
    return client.get(f"{LIST}{policy.pk}/", query)


def act(client, policy, what, **facts):
    policy.refresh_from_db()
    seen = {"seen": policy.content_hash} | facts
    return client.post(f"{LIST}{policy.pk}/{what}/", seen)


def with_line(text, old, new):
    assert old in text
    return text.replace(old, new)


def drafted(client, old="max_per_week: 2", new="max_per_week: 3", **form):
    text = with_line(yaml_of(Policy.objects.get(key="booking", version=1)), old, new)
    done = client.post(f"{LIST}new/", BOTH | {"text": text} | form)
    assert done.status_code == 302, text_of(done)
    return Policy.objects.get(state=PolicyState.DRAFT)

"""How each role reaches an address of the API, beside what the rights table says: own, other's and missing things."""

from uuid import uuid4

from core.rights import may, may_ever
from tests.api.routes import API, OPERATIONS, kind_of, send

UNSEEN = {401, 403, 404}
IDS = [f"{method} {route.removeprefix(API)}" for method, route, _ in OPERATIONS]


def wrongly_answered(world, clients, operation) -> list[str]:
    """Return who reaches what the table does not say, or is answered otherwise than whoever may reach none."""
    method, route, cls = operation
    action = cls.rights[method]
    wrong, shut_out = [], {}
    for name, client in clients.items():
        principal = world.principal(name)
        if "<" in route:
            wrong += named(world, clients, name, operation, shut_out)
        else:
            status = send(client, method, route, "").status_code
            expected = may_ever(principal, action)
            if (status in UNSEEN) == expected or (not expected and status != shut(principal, named=False)):
                wrong.append(f"{name}: {status}")
    return wrong


def named(world, clients, name, operation, shut_out) -> list[str]:
    """Return what is wrong with how somebody reaches things by their names.

    Whoever may reach none at all is answered alike about each: `shut_out` keeps that from the first of them.
    """
    method, route, cls = operation
    client, principal, action = clients[name], world.principal(name), cls.rights[method]
    kind = None if may_ever(principal, action) else shut(principal, named=True)
    missing = shut_out.get(kind) or send(client, method, route, "unknown" if "<str" in route else uuid4())
    shut_out |= {kind: missing} if kind else {}
    wrong = []
    if missing.status_code != (404 if may_ever(principal, action) else shut(principal, named=True)):
        wrong.append(f"{name}, missing: {missing.status_code}")
    things = world.things(kind_of(route), name)
    for number, thing in enumerate(things if may_ever(principal, action) else things[:1]):
        response = send(client, method, route, thing.id)
        if may(principal, action, thing.subject):
            if response.status_code in UNSEEN and not is_refusal_of_the_domain(response):
                wrong.append(f"{name}, {number} is theirs: {response.status_code} {response.content}")
        elif (response.status_code, response.content) != (missing.status_code, missing.content):
            wrong.append(f"{name}, {number} is not theirs: {response.status_code} {response.content}")
    return wrong


def is_refusal_of_the_domain(response) -> bool:
    """Whether the act was judged, not the person's right to know: only staff undo what was marked."""
    return response.json()["code"] == "staff-only"


def shut(principal, *, named: bool) -> int:
    return 401 if principal.anonymous else 404 if named else 403

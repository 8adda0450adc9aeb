"""Every door of the API as the addresses tell it: for walks that leave none out."""

from collections.abc import Iterator

from django.db import transaction

from tests.every_address import every_address

API, JSON = "api/v1/", "application/json"
METHODS = ("get", "post", "put", "patch", "delete")


def doors() -> Iterator[tuple[str, type, dict]]:
    """Yield the route, class and settings of every view under /api/v1/."""
    for route, entry in every_address():
        if route.startswith(API):
            yield route, entry.callback.cls, entry.callback.initkwargs


def operations() -> list[tuple[str, str, type]]:
    return [
        (method.upper(), route, cls)
        for route, cls, _ in doors()
        for method in METHODS
        if hasattr(cls, method) and method in cls.http_method_names
    ]


OPERATIONS = operations()

WHOSE_LINK = {"leave": "left_link", **dict.fromkeys(("confirm", "revoke", "vouch", "grace", "undo-grace"), "own_link")}
"""Acts on a family link that are one side's, or staff's in its place."""


def kind_of(route: str) -> str:
    """Return what an address names: "appointments/<uuid:id>/cancel/" names an appointment."""
    if route.startswith(f"{API}appointments/linked/"):
        return "linked"
    if route.startswith(f"{API}family-links/"):
        return WHOSE_LINK.get(route.removesuffix("/").split("/")[-1], "family_link")
    first = route.removeprefix(API).removeprefix("suitability/").split("/")[0].replace("-", "_")
    return {"therapies": "therapy", "working_hours": "working_hours"}.get(first, first.removesuffix("s"))


def send(client, method: str, route: str, thing: object, *, body: str = "{}", **headers: str):
    """Send a request, with an empty body unless one is given, and take back what it does."""
    path = "/" + route.replace("<uuid:id>", str(thing)).replace("<str:id>", str(thing))
    if method == "GET":
        return client.generic(method, path, "", JSON, **headers)
    with transaction.atomic():
        response = client.generic(method, path, body, JSON, **headers)
        transaction.set_rollback(True)
    return response

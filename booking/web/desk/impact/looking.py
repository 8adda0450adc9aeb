"""What is shown at once where it takes a while to find out what an edit does to appointments."""

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from booking.web.desk.shell import Desk
from core.http.post_redirect_get import wants_pages

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]

LOOK = "look"
"""Of an address: the page before said already that it takes a while."""

FEW = 6
"""Up to so many appointments are looked through in about a second."""


class LooksForLongError(Exception):
    """There are so many appointments to look through that it is said first."""

    def __init__(self, count: int, desk: Desk) -> None:
        super().__init__(count)
        self.count, self.desk = count, desk


def says_what_it_looks_for(view: View[P]) -> View[P]:
    """Let a page say at once for how many appointments it looks for times, and come with them by itself."""

    @wraps(view)
    def answered(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except LooksForLongError as long:
            # By a header, so that it needs no script; nothing is sent, so it can be left at any moment.
            address = f"{request.get_full_path()}{'&' if request.GET else '?'}{LOOK}=1"
            context = {"desk": long.desk, "count": long.count, "address": address}
            page = render(request, "booking/desk/looking.html", context)
            page.headers["Refresh"] = f"0; url={address}"
            return page

    return answered


def says_first(request: HttpRequest) -> bool:
    """Whether whoever asks for a page is shown something else first: a browser is, and once."""
    return request.method == "GET" and LOOK not in request.GET and wants_pages(request)

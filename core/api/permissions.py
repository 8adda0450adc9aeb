"""Permissions of every REST view: the rights table decides, before anything sent is looked at."""

from typing import TYPE_CHECKING, Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from core.accounts.principals import principal_of
from core.principal import Principal
from core.refusals import Forbidden, Missing
from core.rights import Action, Subject, may, may_ever

if TYPE_CHECKING:
    from rest_framework.views import APIView


def action_of(view: "APIView", method: str | None) -> Action | None:
    """Return what a method of a view does, by the view's own table; None when nothing was declared."""
    rights: dict[str, Action] = getattr(view, "rights", {})
    return rights.get("GET" if method == "HEAD" else method or "")


class MayAct(BasePermission):
    """Pass those whose role has a cell for what the view does.

    Nobody signed in: 401. A role without a cell: 404 where the address names an object, since whether it exists is
    not theirs to know, else 403. A method that the view lacks passes and meets 405. A method without a declared
    action is refused to everyone.
    """

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the role of whoever asks has a cell at all. Raises Missing."""
        method = (request.method or "").lower()
        if method not in view.http_method_names or not hasattr(view, method):
            return True
        action = action_of(view, request.method)
        principal = principal_of(request)
        if action is not None and may_ever(principal, action):
            return True
        if principal.anonymous:
            return False
        if action is not None and view.kwargs:
            raise Missing
        raise PermissionDenied

    def has_object_permission(self, request: Request, view: "APIView", obj: Any) -> bool:
        """Whether the right reaches this object. Raises Missing, as for an object that does not exist."""
        action = action_of(view, request.method)
        if action is None or not may(principal_of(request), action, view.subject_of(obj)):  # type: ignore[attr-defined]
            raise Missing
        return True


def require(principal: Principal, action: Action, subject: Subject, **facts: object) -> None:
    """Refuse what a right does not reach, telling `facts`. For things named in a body and public. Raises Forbidden."""
    if not may(principal, action, subject):
        raise Forbidden("", **facts)

"""Who edits accounts and policies in Django's admin, and forms that know who acts."""

from django.http import HttpRequest

from core.accounts.principals import principal_of
from core.rights import Action, may_ever
from core.staff_pages.account_forms import ActForm


def is_superuser(request: HttpRequest) -> bool:
    """Whether somebody may do everything here."""
    return bool(request.user.is_superuser)


def may_keep_accounts(request: HttpRequest) -> bool:
    """Whether somebody keeps the accounts of a site's staff."""
    return may_ever(principal_of(request), Action.EDIT_ACCOUNTS)


def known_to(form: type[ActForm], request: HttpRequest) -> type[ActForm]:
    """Return a form that knows who acts."""
    return type(form.__name__, (form,), {"by": principal_of(request)})

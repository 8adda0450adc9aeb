"""People who work here: their accounts, and what they may act as."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from core import mail_addresses
from core.models import RoleAssignment, User
from core.principal import EVERYWHERE
from core.refusals import Invalid
from core.transactions import unit


@unit
def add_account(*, username: str, email: str, name: str, password: str) -> User:
    """Add somebody who signs in to the staff's pages; they may nothing yet. Raises Invalid."""
    first, _space, last = name.strip().rpartition(" ")
    user = User(username=username.strip(), email=email.strip(), first_name=first, last_name=last, is_staff=True)
    check_account(user, password)
    user.set_password(password)
    user.save()
    return user


def check_account(user: User, password: str) -> None:
    """Refuse what cannot be, each thing with its field. Raises Invalid."""
    errors = []
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as wrong:
        errors += [(field, told) for field, texts in wrong.message_dict.items() for told in texts]
    try:
        mail_addresses.on_the_wire(user.email)
    except mail_addresses.NoAddress as wrong:
        errors.append(("email", str(wrong)))
    if not user.last_name:
        errors.append(("name", _("Please give a name.")))
    try:
        validate_password(password, user)
    except ValidationError as wrong:
        errors += [("password", told) for told in wrong.messages]
    if password == settings.DEMO_PASSWORD:
        errors.append(("password", _("Everybody knows this password.")))
    if errors:
        raise Invalid(errors=[{"pointer": f"/{field}", "detail": str(told)} for field, told in dict.fromkeys(errors)])


@unit
def add_administrator(*, username: str, email: str, name: str, password: str, at: datetime) -> User:
    """Add an administrator of the whole installation: at each of its sites, and who adds sites. Raises Invalid."""
    user = add_account(username=username, email=email, name=name, password=password)
    role, site = EVERYWHERE
    RoleAssignment.objects.create(user=user, role=role, site=site, starts_at=at)
    return user

"""People who work here: their accounts, and what they may act as. Nobody gives a role to themselves."""

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from core.database.transactions import unit
from core.models import RoleAssignment, Site, User
from core.principal import EVERYWHERE, Principal
from core.refusals import Forbidden, Missing, refuse_invalid
from core.rights import Action, Subject, may, sites_for
from core.roles import GIVEN
from core.text import formulas, mail_addresses
from core.updates import lock_row


def accounts(by: Principal) -> QuerySet[User]:
    """Return the accounts of staff at the sites whose accounts `by` keeps."""
    here = RoleAssignment.objects.filter(site__in=sites_for(by, Action.EDIT_ACCOUNTS)).values("user")
    return User.objects.filter(pk__in=here, is_staff=True, is_superuser=False)


def roles(by: Principal) -> QuerySet[RoleAssignment]:
    """Return the roles, also those that have ended, at the sites whose accounts `by` keeps; none of superusers."""
    here = sites_for(by, Action.EDIT_ACCOUNTS)
    return RoleAssignment.objects.filter(site__in=here, user__is_superuser=False).select_related("user", "site")


def changeable(by: Principal, *, at: datetime) -> QuerySet[User]:
    """Return the accounts that are theirs to change: not their own, the demo's, or of who acts beyond their sites."""
    live = RoleAssignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at))
    beyond = live.exclude(site__in=sites_for(by, Action.EDIT_ACCOUNTS)).values("user")
    return accounts(by).filter(is_demo=False).exclude(pk__in=beyond).exclude(pk=by.user_id or 0)


def may_change(user: User, by: Principal, *, at: datetime) -> bool:
    """Whether an account is theirs to change."""
    return changeable(by, at=at).filter(pk=user.pk).exists()


def may_change_role(assignment: RoleAssignment, by: Principal) -> bool:
    """Whether a role is theirs to end: at a site of theirs, not their own, and not of the demo's accounts."""
    return roles(by).filter(pk=assignment.pk, user__is_demo=False).exclude(user=by.user_id).exists()


@unit
def add_account(*, username: str, email: str, name: str, password: str | None) -> User:
    """Add somebody who signs in to the staff's pages; they may nothing yet. Raises Invalid.

    Without a password they sign in once they have chosen one by a link.
    """
    user = _named(User(username=username.strip(), is_staff=True), name=name, email=email)
    check_account(user, password)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:
        check_account(user, None)  # somebody took the name meanwhile
        raise
    return user


@unit
def add_administrator(*, username: str, email: str, name: str, password: str, at: datetime) -> User:
    """Add an administrator of the whole installation: at each of its sites, and who adds sites. Raises Invalid."""
    user = add_account(username=username, email=email, name=name, password=password)
    role, site = EVERYWHERE
    RoleAssignment.objects.create(user=user, role=role, site=site, starts_at=at)
    return user


@unit
def add_staff(
    *,
    username: str,
    email: str,
    name: str,
    password: str | None = None,
    role: str,
    site: Site,
    by: Principal,
    at: datetime,
    ends_at: datetime | None = None,
) -> User:
    """Add an account with its first role. Raises Invalid, Forbidden."""
    user = add_account(username=username, email=email, name=name, password=password)
    _give(user, role=role, site=site, by=by, at=at, ends_at=ends_at)
    return user


@unit
def change_account(
    user: User,
    *,
    by: Principal,
    at: datetime,
    name: str | None = None,
    email: str | None = None,
    is_active: bool | None = None,
    password: str = "",
) -> User:
    """Change an account; None and an empty password: as it is. To close one, nothing else need be right.

    Raises Missing, Forbidden, Invalid.
    """
    lock_row(user)
    _check_account_in_reach(user, by=by, at=at)
    changed = set() if is_active is None else {"is_active"}
    user.is_active = user.is_active if is_active is None else is_active
    if name is not None or email is not None or password:
        changed |= {"first_name", "last_name"} if name is not None else set()
        changed |= {"email"} if email is not None else set()
        called = user.get_full_name() if name is None else name
        _named(user, name=called, email=user.email if email is None else email)
        check_account(user, password or None)
    if password:
        user.set_password(password)
        changed.add("password")
    user.save(update_fields=changed)
    return user


@unit
def end_password(user: User, *, by: Principal, at: datetime) -> User:
    """Let a password open nothing any more, and sign its owner out everywhere: they choose another one by a link.

    Raises Missing, Forbidden.
    """
    lock_row(user)
    _check_account_in_reach(user, by=by, at=at)
    user.set_unusable_password()
    user.save(update_fields=["password"])
    return user


@unit
def give_role(
    user: User, *, role: str, site: Site, by: Principal, at: datetime, ends_at: datetime | None = None
) -> RoleAssignment:
    """Let somebody whose account they keep act as `role` at a site from now on. Raises Missing, Forbidden, Invalid."""
    stored = User.objects.filter(pk=user.pk).order_by("pk").select_for_update(no_key=True).first()
    if stored is None:
        raise Missing
    _check_reach(stored, site, by=by)
    if not accounts(by).filter(pk=stored.pk).exists():
        raise Forbidden
    return _give(stored, role=role, site=site, by=by, at=at, ends_at=ends_at)


def _give(
    user: User, *, role: str, site: Site, by: Principal, at: datetime, ends_at: datetime | None
) -> RoleAssignment:
    _check_reach(user, site, by=by)
    live = RoleAssignment.objects.filter(Q(ends_at=None) | Q(ends_at__gt=at), user=user, role=role, site=site)
    wrong = [
        ("role", _("This role is not given here."), role not in GIVEN),
        ("role", _("They act as this already."), live.exists()),
        ("ends_at", _("The end must be later than now."), ends_at is not None and ends_at <= at),
    ]
    refuse_invalid(wrong)
    return RoleAssignment.objects.create(user=user, role=role, site=site, starts_at=at, ends_at=ends_at)


@unit
def end_role(assignment: RoleAssignment, *, ends_at: datetime | None, by: Principal, at: datetime) -> RoleAssignment:
    """Say when a role ends; an end that is past means now, and None that it goes on. Raises Forbidden, Missing."""
    stored = RoleAssignment.objects.filter(pk=assignment.pk).order_by("pk").select_for_update(no_key=True).first()
    if stored is None or stored.site is None:
        raise Missing
    _check_reach(stored.user, stored.site, by=by)
    over = stored.ends_at is not None and stored.ends_at <= at
    refuse_invalid([("ends_at", _("This role has ended. Please give it anew."), over)])
    # A second at least, which is what the constraint asks: given and taken within one moment it still was held.
    stored.ends_at = None if ends_at is None else max(ends_at, at, stored.starts_at + timedelta(seconds=1))
    later = RoleAssignment.objects.filter(user=stored.user, role=stored.role, site=stored.site)
    later = later.filter(starts_at__gt=stored.starts_at)
    meets = later.filter(starts_at__lt=stored.ends_at) if stored.ends_at else later
    refuse_invalid([("ends_at", _("They act as this already from a later day on."), meets.exists())])
    stored.save(update_fields=["ends_at"])
    return stored


def _check_account_in_reach(user: User, *, by: Principal, at: datetime) -> None:
    if user.pk == by.user_id:
        raise Forbidden(_("Nobody changes their own account here: please ask another administrator."))
    _refuse_for_demo(user)
    if not may_change(user, by, at=at):
        raise Forbidden(_("They also work beyond your sites: please ask an administrator of the whole service."))


def _refuse_for_demo(user: User) -> None:
    if user.is_demo:
        raise Forbidden(_("This account belongs to the demo clinic and stays as it is. Please add one of your own."))


def _check_reach(user: User, site: Site, *, by: Principal) -> None:
    if user.pk == by.user_id:
        raise Forbidden(_("Nobody changes their own roles: please ask another administrator."))
    _refuse_for_demo(user)
    if not may(by, Action.EDIT_ACCOUNTS, Subject(sites=frozenset({site.pk}))):
        raise Forbidden


def _named(user: User, *, name: str, email: str) -> User:
    first, _space, last = name.strip().rpartition(" ")
    user.first_name, user.last_name, user.email = first, last, email.strip()
    return user


def check_account(user: User, password: str | None) -> None:
    """Refuse what cannot be, each thing with its field; None: the password stays. Raises Invalid."""
    errors: list[tuple[str, str, bool]] = []
    try:
        user.full_clean(exclude=["password"])
    except ValidationError as wrong:
        errors += [(field, str(told), True) for field, texts in wrong.message_dict.items() for told in texts]
    try:
        mail_addresses.on_the_wire(user.email)
    except mail_addresses.NoAddress as wrong:
        errors.append(("email", str(wrong), True))
    errors.append(("name", _("Please give a name."), not user.last_name))
    errors.append(("name", formulas.no_name(), formulas.begins_formula(user.get_full_name())))
    try:
        if password is not None:
            validate_password(password, user)
    except ValidationError as wrong:
        errors += [("password", told, True) for told in wrong.messages]
    errors.append(("password", _("Everybody knows this password."), password == settings.DEMO_PASSWORD))
    refuse_invalid(errors)

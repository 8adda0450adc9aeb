"""Passwords tried: so many for each account, network and known device, so that guessing ends and the owner gets in.

Strangers' devices share what an account allows, wherever they are; a device where its owner signed in before has an
allowance of its own. Every try counts when it begins; one that succeeds is given back.
"""

import logging
import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from core.accounts import devices
from core.http.networks import network_of
from core.models import User
from core.rates import Rate
from core.refusals import Refusal

log = logging.getLogger(__name__)

# Ten at once and ten more in an hour: a guesser has twenty tries an hour, and a person who forgot has ten now.
ACCOUNT = Rate("password of account", burst=10, pause=timedelta(minutes=6))
DEVICE = Rate("password on device", burst=10, pause=timedelta(minutes=6))
# A ward or a desk shares one network: it has more tries, and is not shut out by one of its own.
NETWORK = Rate("password from network", burst=30, pause=timedelta(minutes=2))


class TooManyTries(Refusal):
    """Too many wrong passwords for this account, or from this network. `Retry-After` says how many seconds to wait."""

    code = "too-many-tries"
    status = 429
    title = _("There were too many wrong passwords.")

    @classmethod
    def until(cls, free_at: datetime, *, at: datetime) -> "TooManyTries":
        """Return the refusal that tells how long to wait, and what to do meanwhile."""
        seconds = max(1, math.ceil((free_at - at).total_seconds()))
        minutes = math.ceil(seconds / 60)
        wait = ngettext("Please try again in %(count)d minute.", "Please try again in %(count)d minutes.", minutes)
        rest = _(
            "On a device where you have signed in before you may not have to wait. "
            "If you do not remember your password, ask your administrator for a new one."
        )
        return cls(f"{cls.title} {wait % {'count': minutes}} {rest}", retry_after=seconds)


@dataclass(frozen=True, slots=True)
class Try:
    """One password typed: by whom it says to be, and from where."""

    user: User | None
    network: str
    counted: tuple[tuple[Rate, str], ...]

    @classmethod
    def begin(cls, request: HttpRequest | None, username: str, *, at: datetime) -> "Try":
        """Count a try before the password is looked at. Raises TooManyTries, alike for accounts that there are not."""
        user = User.objects.filter(username=username).first()
        network, device = (network_of(request), devices.known(request, user)) if request else ("", "")
        whose = str(user.pk) if user else f"nobody:{username}"
        strangers = ((NETWORK, network), (ACCOUNT, whose)) if network else ((ACCOUNT, whose),)
        begun = cls(user, network, ((DEVICE, f"{whose}:{device}"),) if device else strangers)
        answers = [(rate, whom, rate.take(whom, at=at)) for rate, whom in begun.counted]
        waits = [free_at for _, _, free_at in answers if free_at]
        if waits:
            for rate, whom, free_at in answers:
                if free_at is None:  # nothing is tried, so that nobody else near by pays for it
                    rate.give_back(whom)
            begun._note("not looked at")
            raise TooManyTries.until(max(waits), at=at)
        return begun

    def ended(self, *, right: bool) -> None:
        """Leave a line in the log; a right password is given back what was counted."""
        for rate, whom in self.counted if right else ():
            rate.give_back(whom)
        self._note("right" if right else "wrong", logging.INFO if right else logging.WARNING)

    def _note(self, outcome: str, level: int = logging.WARNING) -> None:
        who = self.user.pk if self.user else "unknown"
        log.log(level, "password %s: account %s, network %s", outcome, who, self.network[:12] or "unknown")

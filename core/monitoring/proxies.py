"""Whether as many proxies speak as TRUSTED_PROXIES counts: where fewer do, no visitor's network is known."""

import logging

log = logging.getLogger(__name__)

MANY = 20
"""Requests in a row: one that somebody sends from the machine itself is no sign of a wrong count."""


class ProxyCount:
    """How many requests in a row came through fewer proxies than are counted, as far as this process saw."""

    def __init__(self) -> None:
        self.in_a_row = 0

    def note(self, *, enough: bool) -> None:
        """Note a request; say once that the count is wrong. Side by side one may be missed, which changes nothing."""
        self.in_a_row = 0 if enough else self.in_a_row + 1
        if self.in_a_row == MANY:
            log.warning(
                "TRUSTED_PROXIES counts more proxies than say where visitors come from: no limit for a network holds"
            )

    @property
    def too_few(self) -> bool:
        """Whether all requests of late came through too few."""
        return self.in_a_row >= MANY


proxies_seen = ProxyCount()

"""How long something has stayed as it is, by the time that has passed and not by a clock that may be set."""


class Unchanged:
    """Watches one value from look to look. Moments are those of `time.monotonic`."""

    def __init__(self) -> None:
        self._value: object = self
        self._since = 0.0
        self.changed = False
        """Whether it has been seen to change, so that the age told here is its whole age."""

    def seconds(self, value: object, *, at: float) -> float:
        """Return for how many seconds `value` has been the same, as far as was seen."""
        if value != self._value:
            self.changed = self._value is not self
            self._value, self._since = value, at
        return at - self._since

"""What is said when this machine lacks something: one plain sentence with the cure."""


class Unready(Exception):  # noqa: N818  (an answer for a person, not a fault of the program)
    """Something is missing here. `tail`: the last lines of a program that failed, shown under the sentence."""

    def __init__(self, sentence: str, *, tail: str = "") -> None:
        super().__init__(sentence)
        self.tail = tail.rstrip()

    def __str__(self) -> str:
        """Return the sentence, and under it what the program said."""
        sentence = str(self.args[0])
        return sentence if not self.tail else f"{sentence}\n\n{self.tail}"

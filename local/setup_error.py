"""What is said when this machine lacks something: one plain sentence with the cure."""

import sys
from typing import NoReturn


def refuse(sentence: str) -> NoReturn:
    """End this process with one sentence, for whatever reads the settings: a web server or a worker as well.

    An exception would be caught on the way, and the sentence would stand under its traceback.
    """
    sys.stderr.write(f"{sentence}\n")
    raise SystemExit(2)


class SetupError(Exception):
    """Something is missing here. `tail`: the last lines of a program that failed, shown under the sentence."""

    def __init__(self, sentence: str, *, tail: str = "") -> None:
        super().__init__(sentence)
        self.tail = tail.rstrip()

    def __str__(self) -> str:
        """Return the sentence, and under it what the program said."""
        sentence = str(self.args[0])
        return sentence if not self.tail else f"{sentence}\n\n{self.tail}"

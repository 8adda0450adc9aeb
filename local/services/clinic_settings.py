"""What a real clinic is called, its telephone, and who its mails are from: asked once, and kept in the data folder."""

import argparse
import os
import re
import sys
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.utils import formataddr, getaddresses, parseaddr

from local.services.data_folder import DataFolder
from local.setup_error import SetupError

KEPT = "clinic.json"
LONGEST = 80
ADDRESS = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]+")
FEWEST_DIGITS, MOST_DIGITS = 7, 15


@dataclass(frozen=True)
class Question:
    """One thing to know: the setting, the option of `up`, what is asked, and what is wrong with an answer."""

    setting: str
    option: str
    asked: str
    wrong: Callable[[str], str]


def wrong_name(name: str) -> str:
    """Return the sentence that refuses a name, or nothing."""
    fits = is_one_line(name) and len(name) <= LONGEST
    return "" if fits else f"A name is one line of at most {LONGEST} letters."


def is_one_line(text: str) -> bool:
    """Tell whether a text holds nothing but what can be read."""
    return not any(unicodedata.category(letter).startswith("C") for letter in text)


def wrong_phone(phone: str) -> str:
    """Return the sentence that refuses a telephone number, or nothing."""
    digits = sum(letter.isdigit() for letter in phone)
    fits = re.fullmatch(r"[+()\d\s./-]+", phone) and FEWEST_DIGITS <= digits <= MOST_DIGITS
    return "" if fits else "A telephone number has 7 to 15 digits, such as (312) 555-0123."


def wrong_sender(sender: str) -> str:
    """Return the sentence that refuses a sender, or nothing: it is an address, or a name with one.

    Other letters than those of ASCII would be written by the forerunner of IDNA 2008, and may name another's domain.
    """
    found = getaddresses([sender])
    fits = len(found) == 1 and ADDRESS.fullmatch(found[0][1]) and found[0][1].isascii() and is_one_line(sender)
    return (
        ""
        if fits
        else ("A sender is a mail address, such as appointments@your-clinic.org (with other letters as xn--…).")
    )


QUESTIONS = (
    Question("CLINIC_NAME", "--clinic-name", "What is the clinic called, on pages and in mails?", wrong_name),
    Question("CLINIC_PHONE", "--clinic-phone", "Which number do patients call?", wrong_phone),
    Question("MAIL_FROM", "--mail-from", "From which mail address are patients written to?", wrong_sender),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    """Let `up` take the answers as options."""
    for each in QUESTIONS:
        parser.add_argument(each.option, metavar="…", help=f"for a real clinic: {each.asked.lower()}")


def given(wanted: argparse.Namespace) -> dict[str, str]:
    """Return the answers that are given as options, or else by the environment."""
    typed = {each.setting: getattr(wanted, each.option.strip("-").replace("-", "_")) for each in QUESTIONS}
    said = {name: typed[name] if typed[name] is not None else os.environ.get(name, "") for name in typed}
    return {name: answer.strip() for name, answer in said.items() if answer.strip()}


def problems(answers: Mapping[str, str]) -> Iterator[tuple[Question, str]]:
    """Yield what is wrong with answers, by setting: asked by `up` and by every process that reads the settings."""
    for each in QUESTIONS:
        if problem := each.wrong(answers[each.setting]) if each.setting in answers else "":
            yield each, problem


def learn(data: DataFolder, wanted: argparse.Namespace) -> None:
    """Keep what is given, ask in a terminal for what is missing, and refuse to go on without it."""
    answers = given(wanted)
    for each, problem in problems(answers):
        raise SetupError(f"{problem} Please mend {each.option} or {each.setting}.")
    answers = data.recall(KEPT) | answers
    missing = [each for each in QUESTIONS if each.setting not in answers]
    if missing and not (sys.stdin.isatty() and sys.stdout.isatty()):
        options = ", ".join(f"{each.option} or {each.setting}" for each in missing)
        raise SetupError(f"A real clinic has a name, a telephone number and a sender of its mails: set {options}.")
    for each in missing:
        answers[each.setting] = ask(each)
    data.keep(KEPT, answers)


def ask(question: Question) -> str:
    """Ask until the answer will do."""
    while True:
        try:
            answer = input(f"{question.asked} ").strip()
        except EOFError as ended:  # Ctrl-D in place of an answer
            raise SetupError("\nNothing was started: the questions were not answered.") from ended
        problem = question.wrong(answer) if answer else "Please type an answer."
        if not problem:
            return answer
        print(problem)


def settings(data: DataFolder) -> Mapping[str, str]:
    """Return the settings that follow. Nothing for the demo."""
    return {name: str(answer) for name, answer in data.recall(KEPT).items()}


def sender(mail_from: str, *, name: str) -> str:
    """Return who mails are from: by the clinic's name, unless the sender has one of its own."""
    return mail_from if parseaddr(mail_from)[0] else formataddr((name, parseaddr(mail_from)[1]))

"""`manage.py replay_demand`: real demand over HTTP at a running service, and an independent look at what came of it."""

from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from knox.models import AuthToken

from demo import people
from proof.checker import messages
from proof.replay.run import Progress, Replay, findings, wait_for_messages
from proof.replay.wire import NotThere

SHOWN = 20
WAIT_SECONDS = 300


class Command(BaseCommand):
    """Ends with code 1 on any broken promise, any 5xx, and any message that does not leave."""

    help = "Send real demand at a running service, then prove that no promise was broken. What it books stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take how much, by how many, where."""
        parser.add_argument("--requests", type=positive, default=5000, help="appointments wanted (5000)")
        parser.add_argument("--clients", type=positive, default=8, help="connections at once (8)")
        parser.add_argument("--base-url", default=settings.PUBLIC_URL, help="where the service is")
        parser.add_argument("--seed", type=int, default=1, help="the same seed wants the same appointments (1)")
        parser.add_argument("--minutes", type=float, default=20, help="stop sending after so long (20)")

    def handle(
        self, *_: object, requests: int, clients: int, base_url: str, seed: int, minutes: float, **__: object
    ) -> None:
        """Send, wait, look, report."""
        replay = Replay(
            base_url=base_url.rstrip("/"), token=token(), requests=requests, clients=clients, seed=seed, minutes=minutes
        )
        try:
            replay.knock()
        except NotThere as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{requests} appointments are wanted by {clients} clients at {base_url}. Their patients stay in the demo."
        )
        tally, run = replay.send(Progress(requests, self.stdout.write))
        self.stdout.write("\n".join(["", "Answers:", *tally.lines(), ""]))
        said = wait_for_messages(WAIT_SECONDS)
        wrong = [str(finding) for finding in findings(tally, run)] + tally.faults
        wrong += [] if said else [f"after {WAIT_SECONDS} s some messages still wait: is the worker running?"]
        self.report(len(tally.promises), tally.done, requests, wrong)

    def report(self, promises: int, done: int, requests: int, wrong: list[str]) -> None:
        """Print the verdict; raise CommandError when something is wrong."""
        if done < requests:
            self.stdout.write(f"The time was up after {done} of {requests} appointments wanted.")
        self.stdout.write(f"{promises} appointments acknowledged; messages with an unknown end: {messages.unknown()}.")
        for line in wrong[:SHOWN]:
            self.stderr.write(f"  WRONG: {line}")
        if wrong:
            raise CommandError("1 violation." if len(wrong) == 1 else f"{len(wrong)} violations.")
        self.stdout.write("0 violations: no overlap, nothing lost, each appointment with exactly its messages.")


def token() -> str:
    """Return a token of the demo's API client. Raises CommandError where there is none."""
    try:
        return str(AuthToken.objects.create(people.account("client"))[1])
    except people.NoDemo as refused:
        raise CommandError(str(refused)) from refused


def positive(text: str) -> int:
    """Read a whole number above zero."""
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number

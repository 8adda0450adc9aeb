"""`manage.py demo_sign_ins`: who can sign in at the demo clinic, and what they can do there."""

from django.core.management.base import BaseCommand, CommandError

from core.management.command_lines import command_line
from core.roles import STAFF
from demo import people

HEADS = ("Sign in as", "Who", "Role", "May")


class Command(BaseCommand):
    """A table for the terminal."""

    help = "Print the demo accounts with their password."

    def handle(self, *_: object, **__: object) -> None:
        """Print the table, the password, and how to get a token."""
        try:
            accounts = people.accounts()
        except people.NoDemo as refused:
            raise CommandError(str(refused), returncode=2) from refused
        rows = [(data["key"], data["name"], where(data), data["may"]) for data in accounts]
        widths = [max(len(row[column]) for row in [HEADS, *rows]) for column in range(len(HEADS))]
        self.stdout.write(f"Demo sign-ins, all with the password {people.PASSWORD}:\n\n")
        for row in [HEADS, tuple("-" * width for width in widths), *rows]:
            line = "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
            self.stdout.write(f"  {line.rstrip()}")
        desk = ", ".join(data["key"] for data in accounts if data["role"] in STAFF)
        set_up = ", ".join(data["key"] for data in accounts if data.get("staff"))
        self.stdout.write(f"\nThe desk, /desk/: {desk}.")
        self.stdout.write(f"Rare edits, /admin/: {set_up}. Over the API: {command_line('demo_token')} <name>.")


def where(data: people.AccountData) -> str:
    """Return the role, with its site where it holds at one only."""
    sites = data.get("sites", [])
    return f"{data['role']} ({sites[0]})" if len(sites) == 1 else str(data["role"])

"""Tables made from nothing: the models are drawn once for all of them, and not anew after each step."""

from collections.abc import Sequence

from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState


class AllAtOnce(Operation):
    """Steps of which none needs to find in the models what another of them has made.

    Django draws all models that hang together anew after each step, which takes longer than all that the database does.
    """

    reduces_to_sql = True
    serialization_expand_args = ["steps"]

    def __init__(self, steps: Sequence[Operation]) -> None:
        self.steps = list(steps)

    def deconstruct(self) -> tuple[str, Sequence[object], dict[str, object]]:
        """Return how it is written into a migration."""
        return (type(self).__qualname__, [self.steps], {})

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Change what is known of the models; who asks for them next has them drawn."""
        state.__dict__.pop("apps", None)
        for step in self.steps:
            step.state_forwards(app_label, state)

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Take each step, from the models before all of them to those after all."""
        for step in self.steps:
            step.database_forwards(app_label, schema_editor, from_state, to_state)

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        """Take the steps back, the last one first."""
        for step in reversed(self.steps):
            step.database_backwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """Say what it does."""
        return f"{len(self.steps)} steps at once"

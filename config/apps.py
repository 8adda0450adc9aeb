"""The composition as a Django app: it binds the tasks of the others to one queue."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        """Bind shared tasks to this project's Celery app."""
        from config import celery  # noqa: F401, PLC0415  (importing it is the binding)

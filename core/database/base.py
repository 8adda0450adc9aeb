"""The engine that settings name; Django looks for it in a module of this name."""

from django.db.backends.postgresql import base

from core.database import driver


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's engine, with connections whose waiting ends."""

    Database = driver

"""Composition: settings, addresses, the Celery app, the services a machine runs."""

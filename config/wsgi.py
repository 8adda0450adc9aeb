"""The WSGI door that every web server opens."""

import os

from django.core.wsgi import get_wsgi_application

from core.http.request_headers import CleanApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = CleanApplication(get_wsgi_application())

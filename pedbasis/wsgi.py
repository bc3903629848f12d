"""The WSGI application, served by `python -m pedbasis.serve`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pedbasis.settings")

application = get_wsgi_application()

"""The WSGI application: `granian --interface wsgi pedbasis.wsgi:application`."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "pedbasis.settings")

application = get_wsgi_application()

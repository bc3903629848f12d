"""The WSGI application: `granian --interface wsgi pedbasis.wsgi:application`."""

from django.core.wsgi import get_wsgi_application

from pedbasis.environment import load_settings

load_settings()

application = get_wsgi_application()

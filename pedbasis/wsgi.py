"""The WSGI application, served by `python -m pedbasis.serve`."""

from django.core.wsgi import get_wsgi_application

from pedbasis.environment import load_settings

load_settings()

application = get_wsgi_application()

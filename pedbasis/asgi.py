"""The ASGI application, for ASGI servers."""

from django.core.asgi import get_asgi_application

from pedbasis.environment import load_settings

load_settings()

application = get_asgi_application()

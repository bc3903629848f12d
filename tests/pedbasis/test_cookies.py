"""Cookie attributes, over https and over plain http."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import json, django
django.setup()
from django.conf import settings
from django.http import HttpResponse
from django.middleware.csrf import CsrfViewMiddleware, get_token
from django.contrib.messages import constants
from django.contrib.messages.storage import default_storage
from django.test import RequestFactory
def view(request):
    get_token(request)
    return HttpResponse()
request = RequestFactory().get("/")
request.session = {}
response = CsrfViewMiddleware(view)(request)
storage = default_storage(request)
storage.add(constants.INFO, "Saved.")
storage.update(response)
response.set_cookie(
    settings.SESSION_COOKIE_NAME, "x", path=settings.SESSION_COOKIE_PATH, domain=settings.SESSION_COOKIE_DOMAIN,
    secure=settings.SESSION_COOKIE_SECURE, httponly=settings.SESSION_COOKIE_HTTPONLY,
)
print(json.dumps({
    name: [bool(cookie["secure"]), cookie["path"], cookie["domain"], bool(cookie["httponly"])]
    for name, cookie in response.cookies.items()
}))
"""


@pytest.mark.parametrize("scheme, prefix", [("https", "__Host-"), ("http", "")])
def test_cookies_are_host_only(scheme, prefix):
    env = {"SITE_URL": f"{scheme}://ouders.example", "SECRET_KEY": "x", "EMAIL_URL": "smtp://127.0.0.1:25"}
    env = os.environ | env | {"DEMO": "0", "DJANGO_SETTINGS_MODULE": "pedbasis.settings"}
    done = subprocess.run([sys.executable, "-c", SCRIPT], env=env, stdout=subprocess.PIPE, text=True, check=True)
    on_https = scheme == "https"
    assert json.loads(done.stdout) == {
        f"{prefix}{name}": [on_https, "/", "", True] for name in ("sessionid", "csrftoken", "messages")
    }


@pytest.mark.django_db
def test_base_uri_is_forbidden(client):
    policy = client.get("/").headers["Content-Security-Policy"]
    assert "base-uri 'none'" in policy

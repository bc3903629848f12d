"""All URLs of Pedbasis: Dutch paths, English names; other languages under a prefix (/en/agenda/)."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib import admin
from django.urls import include, path

from pedbasis import logs, views

handler400 = "pedbasis.views.bad_request"
handler403 = "pedbasis.views.permission_denied"
handler404 = "pedbasis.views.page_not_found"
handler500 = "pedbasis.views.server_error"

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("robots.txt", views.robots, name="robots"),
    path("service-worker.js", views.service_worker, name="service_worker"),
    path("techniek/", admin.site.urls),
    path("", include("locations.theme.urls")),
    path("", include("locations.urls")),
    path("", include("photos.urls")),
    *i18n_patterns(
        path("manifest.webmanifest", views.manifest, name="manifest"),
        path("account/", include("accounts.urls")),
        path("", include("pages.urls")),
        path("", include("notifications.urls")),
        path("", include("meetups.urls")),
        path("", include("insights.urls")),
        path("", include("initiatives.urls")),
        path("", include("moderation.urls")),
        prefix_default_language=False,
    ),
]

if settings.DEMO:
    urlpatterns += i18n_patterns(path("demo/", include("demo.urls")), prefix_default_language=False)

logs.redact_tokens_of(urlpatterns)

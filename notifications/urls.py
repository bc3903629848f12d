from django.urls import URLPattern, URLResolver, path

from notifications import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("berichten/uit/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("mijn/berichten/", views.preferences, name="preferences"),
]

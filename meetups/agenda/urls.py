from django.urls import URLPattern, URLResolver, path

from meetups.agenda import views

urlpatterns: list[URLPattern | URLResolver] = [path("agenda/", views.agenda, name="agenda")]

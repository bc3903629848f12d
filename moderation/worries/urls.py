from django.urls import path

from moderation.worries import views

urlpatterns = [
    path("zorg-om-een-kind/", views.concern, name="concern"),
    path("zorg-om-een-kind/verstuurd/<str:token>/", views.concern_sent, name="concern_sent"),
    path("zorgen/", views.concerns, name="concerns"),
    path("zorgen/afwezig/", views.concern_absence, name="concern_absence"),
    path("zorgen/<int:pk>/", views.concern_read, name="concern_read"),
    path("zorgen/<int:pk>/lezen/", views.concern_open, name="concern_open"),
    path("zorgen/<int:pk>/afgehandeld/", views.concern_handled, name="concern_handled"),
]

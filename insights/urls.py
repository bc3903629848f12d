from django.urls import path

from insights import views

urlpatterns = [
    path("inzicht/", views.insights, name="insights"),
    path("inzicht/<slug:slug>/", views.town_insights, name="town_insights"),
    path("inzicht/<slug:slug>/cijfers.<slug:file_format>", views.town_insights_download, name="town_insights_download"),
]

from django.urls import path

from initiatives.finding import views as finding
from initiatives.progress import views as progress
from initiatives.proposing import photo_views
from initiatives.proposing import views as proposing
from initiatives.taking_part import views as taking_part

urlpatterns = [
    path("initiatieven/", finding.initiatives, name="initiatives"),
    path("gemeenten/<slug:slug>/initiatieven.atom", finding.municipality_ideas_feed, name="municipality_ideas_feed"),
    path("initiatieven/nieuw/", proposing.initiative_new, name="initiative_new"),
    path("initiatieven/lijkt-op/", proposing.initiative_similar, name="initiative_similar"),
    path("initiatieven/link/<str:token>/", taking_part.link, name="initiative_link"),
    path("initiatieven/<slug:slug>/", taking_part.initiative, name="initiative"),
    path("initiatieven/<slug:slug>/meedoen/", taking_part.take_part, name="initiative_take_part"),
    path("initiatieven/<slug:slug>/meedoen/<int:pk>/stoppen/", taking_part.withdraw, name="initiative_withdraw"),
    path("initiatieven/<slug:slug>/meedoen/<int:pk>/toch/", taking_part.undo_withdrawal, name="initiative_again"),
    path("initiatieven/<slug:slug>/bewerken/", proposing.initiative_edit, name="initiative_edit"),
    path("initiatieven/<slug:slug>/verwijderen/", proposing.initiative_delete, name="initiative_delete"),
    path("initiatieven/<slug:slug>/foto/", photo_views.initiative_photo, name="initiative_photo"),
    path(
        "initiatieven/<slug:slug>/foto/verwijderen/",
        photo_views.initiative_photo_remove,
        name="initiative_photo_remove",
    ),
    path("initiatieven/<slug:slug>/pauze/", progress.initiative_pause, name="initiative_pause"),
    path("initiatieven/<slug:slug>/verder/", progress.initiative_resume, name="initiative_resume"),
    path("initiatieven/<slug:slug>/stoppen/", progress.initiative_end, name="initiative_end"),
    path("initiatieven/<slug:slug>/toch-verder/", progress.initiative_reopen, name="initiative_reopen"),
]

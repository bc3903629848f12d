from django.urls import path

from initiatives.dormancy import views as dormancy
from initiatives.existing import claim_views as claiming
from initiatives.existing import views as existing
from initiatives.finding import views as finding
from initiatives.initiating import views as initiating
from initiatives.merging import views as merging
from initiatives.noting import views as noting
from initiatives.planning import place_views
from initiatives.planning import views as planning
from initiatives.progress import views as progress
from initiatives.proposing import photo_views
from initiatives.proposing import views as proposing
from initiatives.sharing import views as sharing
from initiatives.taking_part import views as taking_part
from initiatives.talking import views as talking

urlpatterns = [
    path("initiatieven/", finding.initiatives, name="initiatives"),
    path("gemeenten/<slug:slug>/initiatieven.atom", finding.municipality_ideas_feed, name="municipality_ideas_feed"),
    path("initiatieven/nieuw/", proposing.initiative_new, name="initiative_new"),
    path("initiatieven/lijkt-op/", proposing.initiative_similar, name="initiative_similar"),
    path("initiatieven/link/<str:token>/", taking_part.link, name="initiative_link"),
    path("initiatieven/plek/<str:token>/", place_views.place_request, name="place_request"),
    path("initiatieven/plekken/<slug:slug>/", place_views.place_contact, name="place_contact"),
    path("initiatieven/eerste-keer/<str:token>/", planning.initiative_first_date, name="initiative_first_date"),
    path("initiatieven/kaart/", noting.initiative_by_card, name="initiative_by_card"),
    path("gastvrouw/ideeen/<slug:slug>/", noting.initiative_note, name="initiative_note"),
    path("gastvrouw/kaarten/<int:pk>/", noting.initiative_card, name="initiative_card"),
    path("gastvrouw/kaarten/<int:pk>/verwijderen/", noting.initiative_card_discard, name="initiative_card_discard"),
    path("initiatieven/volgen/<str:token>/", talking.follow_link, name="initiative_follow_link"),
    path("initiatieven/bestaat-al/", existing.group_new, name="group_new"),
    path("initiatieven/bestaat-al/<str:token>/", existing.group_listing, name="group_listing"),
    path("initiatieven/groep/<str:token>/", existing.group_link, name="group_link"),
    path("beheer/groepen/", claiming.group_claims, name="group_claims"),
    path("beheer/groepen/<int:pk>/", claiming.group_claim_answer, name="group_claim_answer"),
    path("initiatieven/samen-verder/<str:token>/", merging.initiative_merge_answer, name="initiative_merge_answer"),
    path("initiatieven/mee-verder/<str:token>/", merging.initiative_follow_along, name="initiative_follow_along"),
    path("initiatieven/stil/<str:token>/", dormancy.initiative_quiet_link, name="initiative_quiet_link"),
    path("initiatieven/overnemen/<str:token>/", dormancy.initiative_takeover_link, name="initiative_takeover_link"),
    path("initiatieven/<slug:slug>/", taking_part.initiative, name="initiative"),
    path("initiatieven/<slug:slug>/beeld.png", taking_part.picture, name="initiative_picture"),
    path("initiatieven/<slug:slug>/onze-groep/", existing.group_ours, name="group_ours"),
    path("initiatieven/<slug:slug>/onze-groep/overnemen/", claiming.group_claim, name="group_claim"),
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
    path("initiatieven/<slug:slug>/plannen/", planning.initiative_plan, name="initiative_plan"),
    path("initiatieven/<slug:slug>/plek-vragen/", planning.initiative_ask_place, name="initiative_ask_place"),
    path("initiatieven/<slug:slug>/ander-moment/", planning.initiative_offer, name="initiative_offer"),
    path("initiatieven/<slug:slug>/beginnen/", planning.initiative_begin, name="initiative_begin"),
    path("initiatieven/<slug:slug>/recept/", sharing.initiative_recipe, name="initiative_recipe"),
    path("initiatieven/<slug:slug>/samen/", initiating.initiators, name="initiative_initiators"),
    path(
        "initiatieven/<slug:slug>/samen/<int:pk>/terugnemen/",
        initiating.invitation_take_back,
        name="invitation_take_back",
    ),
    path(
        "initiatieven/<slug:slug>/samen/<int:pk>/overdragen/",
        initiating.initiative_hand_over,
        name="initiative_hand_over",
    ),
    path("initiatieven/<slug:slug>/samen/stoppen/", initiating.initiative_step_down, name="initiative_step_down"),
    path("initiatieven/<slug:slug>/samen-verder/", merging.initiative_merge, name="initiative_merge"),
    path(
        "initiatieven/<slug:slug>/samen-verder/<int:pk>/terugnemen/",
        merging.initiative_merge_take_back,
        name="initiative_merge_take_back",
    ),
    path("uitnodiging/<str:token>/", initiating.invitation, name="invitation"),
    path("initiatieven/<slug:slug>/gesprek/", talking.talk, name="initiative_talk"),
    path("initiatieven/<slug:slug>/gesprek/voor/<int:pk>/", talking.earlier, name="initiative_talk_earlier"),
    path("initiatieven/<slug:slug>/gesprek/<int:pk>/verwijderen/", talking.post_delete, name="initiative_post_delete"),
    path("initiatieven/<slug:slug>/gesprek/<int:pk>/terug/", talking.post_put_back, name="initiative_post_put_back"),
    path("initiatieven/<slug:slug>/volgen/", talking.follow, name="initiative_follow"),
    path("initiatieven/<slug:slug>/vragen/", talking.ask, name="initiative_ask"),
    path("initiatieven/<slug:slug>/vragen/<int:pk>/bewerken/", talking.question_edit, name="initiative_question_edit"),
    path("initiatieven/<slug:slug>/vragen/<int:pk>/antwoord/", talking.answer, name="initiative_question_answer"),
    path("initiatieven/<slug:slug>/vragen/<int:pk>/later/", talking.move, name="initiative_question_move"),
    path(
        "initiatieven/<slug:slug>/vragen/<int:pk>/beantwoord/",
        talking.question_answered,
        name="initiative_question_answered",
    ),
    path("initiatieven/<slug:slug>/stil/", dormancy.initiative_quiet, name="initiative_quiet"),
    path("initiatieven/<slug:slug>/overnemen/", dormancy.initiative_take_over, name="initiative_take_over"),
    path("initiatieven/<slug:slug>/pauze/", progress.initiative_pause, name="initiative_pause"),
    path("initiatieven/<slug:slug>/verder/", progress.initiative_resume, name="initiative_resume"),
    path("initiatieven/<slug:slug>/stoppen/", progress.initiative_end, name="initiative_end"),
    path("initiatieven/<slug:slug>/toch-verder/", progress.initiative_reopen, name="initiative_reopen"),
]

from django.urls import include, path

from moderation.views import cases, people, reports

urlpatterns = [
    path("melden/", include("moderation.worries.urls")),  # before the kinds of things that can be reported
    path("melden/", reports.reporting, name="reporting"),
    path("melden/bedankt/", reports.reported, name="reported"),
    path("melden/nakijken/", cases.cases, name="cases"),
    path("melden/nakijken/klaar/", cases.decided_cases, name="decided_cases"),
    path("melden/nakijken/afwezig/", people.absence, name="absence"),
    path("melden/nakijken/<int:pk>/", cases.case, name="case"),
    path("melden/nakijken/<int:pk>/foto/", cases.case_picture, name="case_picture"),
    path("melden/nakijken/<int:pk>/besluit/", cases.case_decide, name="case_decide"),
    path("melden/nakijken/<int:pk>/terug/", cases.case_undo, name="case_undo"),
    path("melden/mijn/<int:pk>/", cases.own_case, name="own_case"),
    path("melden/geblokkeerd/", people.blocks, name="blocks"),
    path("melden/geblokkeerd/<int:pk>/weg/", people.unblock, name="unblock"),
    path("melden/<slug:kind>/<int:pk>/", reports.report, name="report"),
    path("melden/<slug:kind>/<int:pk>/blokkeren/", people.block, name="block"),
]

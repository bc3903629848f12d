"""Who may decide about a case, and who sees which cases."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Role, User
from locations.models import Municipality
from moderation import levels
from moderation.kinds import kinds
from moderation.models import Case, CaseQuerySet, Decision
from moderation.naming import named

# Words in what people write that may make it criticism of the municipality, about which no official decides.
MUNICIPALITY = re.compile(
    r"gemeente|wethouder|burgemeester|raadslid|raadsleden|ambtenaar|ambtenaren|stadhuis|raadhuis|stadskantoor"
    r"|beleidsmedewerker|\bb\s?(?:&|en)\s?w\b|\bmunicipalit|\bmayor|\balderm[ae]n\b|\bcouncil"
    r"|\b(?:town|city) hall\b|\bcivil servant|\bpolicy officer",
    re.IGNORECASE,
)


def cases_of(user: Any) -> CaseQuerySet:
    """Return the cases that `user` may decide about; every page and action for watchers starts here."""
    return Case.objects.filter(levels.mine(user, levels.WATCHING)).exclude(barred__contains=[user.pk])


def may_decide(user: User, case: Case, thing: Any) -> bool:
    """Whether `user` may decide about this case, by what the texts and reports are now."""
    return cases_of(user).filter(pk=case.pk).exists() and user.pk not in barred(case, thing)


def may_answer(user: User, decision: Decision | None) -> bool:
    """Whether `user` may answer this decision, the last one in force: it hid what they wrote."""
    return decision is not None and decision.outcome == Decision.Outcome.HIDE and decision.writer_id == user.pk


def may_be_told(user: User, case: Case) -> bool:
    """Whether a mail to `user` may tell of this case; there is no session, so no second factor is asked."""
    roles = Role.objects.held_by(user).filter(kind__in=levels.WATCHING)
    mine = Case.objects.filter(levels.levels_of(roles), pk=case.pk)
    return user.is_active and mine.exclude(barred__contains=[user.pk]).exists()


def is_watching(user: Any) -> bool:
    """Whether `user` looks after what people write, anywhere."""
    return Role.objects.of(user, *levels.WATCHING).exists()


def may_be_about_municipality(texts: Iterable[str]) -> bool:
    """Whether any of these texts may be criticism of the municipality."""
    return any(MUNICIPALITY.search(text) for text in texts)


def officials(town: Municipality) -> QuerySet[User]:
    """Return who works for this municipality: policy officers, and others of its organisation."""
    at_a_municipality = Q(organisation__icontains="gemeente") | Q(organisation__icontains="municipality")
    at_this_one = at_a_municipality & (Q(municipality=town) | Q(organisation__icontains=town.name))
    working = Role.objects.filter(Q(kind=Role.Kind.POLICY_OFFICER, municipality=town) | at_this_one)
    return User.objects.filter(pk__in=working.values("user"))


def texts_of(case: Case, thing: Any) -> list[str]:
    """Return all that was written in this case, also what it said before; not what those who decided wrote."""
    texts = [*kinds[case.kind].read(thing).values(), *case.proposed.values()]
    for words, seen in case.reports.values_list("words", "seen"):
        texts += [words, *seen.values()]
    for seen in case.decisions.values_list("seen", flat=True):
        texts += seen.values()
    return [*texts, *case.answers.values_list("words", flat=True)]


def barred(case: Case, thing: Any) -> list[int]:
    """Return the primary keys of who may not decide about this case.

    That is who wrote it, is shown in it, reported it or is named in it; and officials, when it may be about their
    municipality. Only those who could otherwise decide are looked for by name.
    """
    texts = texts_of(case, thing)
    reporters = case.reports.exclude(user=None).values_list("user_id", flat=True)
    out = kinds[case.kind].everyone_in(thing) | set(reporters)
    if case.writer_id is not None:
        out.add(case.writer_id)
    if kinds[case.kind].is_about_municipality or may_be_about_municipality(texts):
        out.update(officials(case.municipality).values_list("pk", flat=True))
    watching = Role.objects.filter(levels.roles_for(case.municipality, levels.WATCHING, upto=levels.Level.COUNTRY))
    return sorted(out | named(watching.values_list("user_id", "user__first_name"), texts))

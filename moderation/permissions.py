"""Who may decide about a case, and who sees which cases."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet

from accounts.models import Role, User
from moderation import levels
from moderation.kinds import kinds
from moderation.models import Case, CaseQuerySet
from moderation.naming import is_named

# Words in what people write that may make it criticism of the municipality, about which no official decides.
MUNICIPALITY = re.compile(
    r"\b(gemeente\w*|wethouder\w*|burgemeester\w*|raadslid\w*|raadsleden|ambtenaar|ambtenaren|stadhuis|gemeentehuis"
    r"|municipalit\w+|mayor\w*|alderm[ae]n|council\w*|town hall|civil servants?)\b",
    re.IGNORECASE,
)


def cases_of(user: Any) -> CaseQuerySet:
    """Return the cases that `user` may decide about; every page and action for watchers starts here."""
    reached = Case.objects.filter(levels.mine(user, levels.WATCHING))
    return reached.exclude(barred__contains=[user.pk]) if user.is_authenticated else reached


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


def officials(case: Case) -> QuerySet[User]:
    """Return who works for the municipality of this case: policy officers, and others of its organisation."""
    here = Role.objects.filter(municipality=case.municipality_id)
    working = here.filter(kind=Role.Kind.POLICY_OFFICER) | here.filter(organisation__istartswith="gemeente")
    return User.objects.filter(pk__in=working.values("user"))


def barred(case: Case, thing: Any) -> list[int]:
    """Return the primary keys of who may not decide about this case.

    That is who wrote it, is shown in it, reported it or is named in it; and officials, when it may be about their
    municipality. Only those who could otherwise decide are looked for by name.
    """
    kind = kinds[case.kind]
    reports = list(case.reports.values_list("user_id", "words"))
    texts = [*kind.read(thing).values(), *case.proposed.values(), *(words for _user, words in reports)]
    out = kind.everyone_in(thing) | {user_id for user_id, _words in reports if user_id is not None}
    if case.writer_id is not None:
        out.add(case.writer_id)
    if case.is_about_municipality:
        out.update(officials(case).values_list("pk", flat=True))
    watching = Role.objects.filter(levels.roles_for(case.municipality, levels.WATCHING, upto=levels.Level.COUNTRY))
    for pk, name in watching.values_list("user_id", "user__first_name").distinct():
        if any(is_named(name, text) for text in texts):
            out.add(pk)
    return sorted(out)

"""Demo only: sign in as anyone with one click, and read the mails that were sent. Only reachable on this machine."""

from allauth.account.internal.flows.login import record_authentication
from csp.decorators import csp
from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.db.models.functions import Lower
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST, require_safe

from accounts.demo_data import DOMAIN
from accounts.models import Role, User
from accounts.welcome import record_verified_address
from demo import mailbox
from demo.cast import CAST, Person
from locations.models import Municipality


@login_not_required
@never_cache
@require_safe
def cast(request: HttpRequest) -> HttpResponse:
    """List the people to sign in as: the members of the cast that exist in the database."""
    emails = set(User.objects.filter(email__endswith=f"@{DOMAIN}").values_list(Lower("email"), flat=True))
    towns = dict(Municipality.objects.filter(slug__in={p.town for p in CAST}).values_list("slug", "name"))
    people = [(person, towns.get(person.town, "")) for person in CAST if person.email in emails]
    return render(request, "demo/cast.html", {"people": people, "has_mail": bool(mailbox.newest())})


@login_not_required
@require_POST
def sign_in(request: HttpRequest) -> HttpResponse:
    """Sign in as a member of the cast, and redirect to where they would start, in their language."""
    person = next((person for person in CAST if person.key == request.POST.get("key")), None)
    if person is None:
        raise Http404
    user = get_object_or_404(User, email=person.email, is_active=True)
    login(request, user, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_verified_address(user, person.email)
    record_authentication(request, user, method="demo")
    with override(person.language):
        return redirect(start_url(person))


def start_url(person: Person) -> str:
    """Return the URL where this person starts."""
    match person.kind:
        case Role.Kind.HOST:
            return reverse("hosting")
        case Role.Kind.POLICY_OFFICER:
            return reverse("town_insights", args=[person.town])
        case Role.Kind.COORDINATOR:
            return reverse("manage")
        case _:
            return reverse("home")


@login_not_required
@never_cache
@require_safe
def post(request: HttpRequest) -> HttpResponse:
    """The mails that were sent, newest first."""
    return render(request, "demo/post.html", {"mails": mailbox.newest()})


@login_not_required
@never_cache
@require_safe
def mail(request: HttpRequest, name: str) -> HttpResponse:
    return render(request, "demo/mail.html", {"mail": _mail(name)})


# Blocks scripts and external resources; links open in the top window, not in the frame.
@login_not_required
@never_cache
@xframe_options_sameorigin
@csp(  # type: ignore[arg-type]
    {
        "default-src": ["'none'"],
        "style-src": ["'unsafe-inline'"],
        "img-src": ["data:"],
        "frame-ancestors": ["'self'"],
        "sandbox": ["allow-popups", "allow-top-navigation-by-user-activation"],
    }
)
@require_safe
def mail_html(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML of a mail, for the frame on its page."""
    return HttpResponse(f'<!doctype html><base target="_top">{_mail(name).html}')


@login_not_required
@never_cache
@require_safe
def mail_attachment(request: HttpRequest, name: str, number: int) -> HttpResponse:
    attachments = _mail(name).attachments
    if number >= len(attachments):
        raise Http404
    attachment = attachments[number]
    response = HttpResponse(attachment.content, content_type="application/octet-stream")
    safe_name = "".join(c for c in attachment.name if c.isascii() and (c.isalnum() or c in "._-")) or "attachment"
    response["Content-Disposition"] = f'attachment; filename="{safe_name}"'
    return response


def _mail(name: str) -> mailbox.Mail:
    found = mailbox.find(name)
    if found is None:
        raise Http404
    return found

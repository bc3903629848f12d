"""Signing out devices, and undoing a change of address."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts import devices
from accounts.recent_sign_in import require_recent_sign_in
from accounts.requests import SignedInRequest
from pages import address_changes
from pages.address_changes import CannotUndo


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_sign_in
def sign_out_device(request: SignedInRequest, pk: int) -> HttpResponse:
    """Sign out another device of mine: GET asks for confirmation. The current device has its own button in the menu."""
    mine = request.user.devices.exclude(session=request.session.session_key)
    device = get_object_or_404(mine, pk=pk)
    if request.method == "POST":
        devices.sign_out(device)
        messages.success(request, _("%(device)s is signed out.") % {"device": device})
        return redirect("my_data")
    return render(request, "pages/sign_out_device.html", {"device": device})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@require_recent_sign_in
def sign_out_other_devices(request: SignedInRequest) -> HttpResponse:
    """Sign out all other devices: GET asks for confirmation, and has a URL to return to after reauthentication."""
    if request.method == "POST":
        devices.sign_out_others(request)
        messages.success(request, _("All other devices are signed out."))
        return redirect("my_data")
    return render(request, "pages/sign_out_others.html")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def undo_address_change(request: HttpRequest, token: str) -> HttpResponse:
    """The undo link in the mail to an old address: GET asks for confirmation, or shows what to do next."""
    now = timezone.now()
    change = address_changes.find(token)
    refusal, status = "", 200
    if change is None:  # deleted, or an invalid token
        if not address_changes.is_too_old(token, now):
            raise Http404
        refusal, status = str(address_changes.TOO_OLD), 410
    elif request.method == "POST":
        try:
            address_changes.undo(change=change, now=now)
        except CannotUndo as error:
            refusal, status = str(error), 422
        else:
            return redirect("undo_address_change", token)
    elif not change.undone_at and change.is_too_old(now):
        refusal, status = str(address_changes.TOO_OLD), 410
    context = {"change": change, "refusal": refusal}
    return render(request, "pages/undo_address_change.html", context, status=status)

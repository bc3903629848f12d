"""My page, my details, and what we know about you."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET


@require_GET
def my(request: HttpRequest) -> HttpResponse:
    return render(request, "pedbasis/my.html")


@login_not_required
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    return render(request, "pedbasis/privacy.html")

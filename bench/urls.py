"""The URLs of Pedbasis and of the yardstick."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path

from locations.models import Location
from pedbasis.urls import *  # noqa: F403
from pedbasis.urls import urlpatterns as product_patterns


@login_not_required
def yardstick(request: HttpRequest) -> HttpResponse:
    """A bare view: one SQL query and a template with twenty rows."""
    return render(request, "bench/yardstick.html", {"rows": Location.objects.order_by("pk")[:20]})


urlpatterns = [path("yardstick/", yardstick), *product_patterns]

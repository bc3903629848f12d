"""The URLs of Pedbasis and of the yardstick."""

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from bench.models import Row
from locations.models import Location
from pedbasis.urls import *  # noqa: F403
from pedbasis.urls import urlpatterns as product_patterns


@login_not_required
def yardstick(request: HttpRequest) -> HttpResponse:
    """A bare view: one SQL query and a template with twenty rows."""
    return render(request, "bench/yardstick.html", {"rows": Location.objects.order_by("pk")[:20]})


class BareForm(forms.ModelForm):
    class Meta:
        model = Row
        fields = ("name", "email", "note")


@login_not_required
@csrf_exempt
def insert(request: HttpRequest) -> HttpResponse:
    """A bare form, and one row inserted in a transaction for each form that is sent."""
    form = BareForm(request.POST or None)
    if not form.is_valid():
        return render(request, "bench/form.html", {"form": form})
    with transaction.atomic():
        form.save()
    return redirect("/yardstick/insert/")


urlpatterns = [path("yardstick/", yardstick), path("yardstick/insert/", insert), *product_patterns]

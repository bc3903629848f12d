"""A page on which someone gives a photo: the same for a portrait of a host and for a place."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext

from photos import actions
from photos.forms import PhotoForm
from photos.models import Photo
from photos.refusals import CannotDo
from photos.shapes import Shape
from photos.uploads import FIELD


class Keep(Protocol):
    """Makes a photo part of the page it is for; raises CannotDo."""

    def __call__(self, *, photo: Photo, description: str, children: str, now: datetime) -> None: ...


class TakeAway(Protocol):
    """Takes the photo off the page it is on."""

    def __call__(self, *, now: datetime) -> None: ...


@dataclass(frozen=True)
class Giving:
    """What a photo is for: in the rules, in words, and what to call when someone gives one or takes it away."""

    purpose: str
    shape: Shape
    shown: Photo | None  # the photo that is on the page now
    url: str
    remove_url: str
    back_url: str
    back: str  # where that leads
    title: str
    hint: str  # what makes a good photo here
    sizes: str  # how wide the photo is on this page, as in HTML
    keep: Keep
    take_away: TakeAway
    may_send: Callable[[], bool]  # counts a photo, and says whether it is within the limit
    may_give: bool = True  # False: this person may only remove what is there

    def page(self, request: Any, form: PhotoForm | None = None, status: int = 200) -> HttpResponse:
        """Render the page; htmx gets only the part that changes when the photo is ready."""
        if self._asks_how_it_is(request) and self.shown is not None and self.shown.is_being_made:
            return HttpResponse(status=204)  # nothing changes, so nothing is read aloud
        draft = form.draft if form else Photo.objects.draft_for(request.user, self.purpose)
        if form is None and self.may_give:
            form = PhotoForm(self.shape, by=request.user, draft=draft, shown=self.shown)
        context = {
            "giving": self,
            "form": form,
            "photo": self.shown,
            "draft": draft,
            "preview": preview(draft) if draft else "",
            "can_put_back": draft is not None and draft.detached_at is not None,
        }
        name = "photos/_state.html" if self._asks_how_it_is(request) else "photos/give.html"
        return render(request, name, context, status=status)

    @staticmethod
    def _asks_how_it_is(request: Any) -> bool:
        return bool(request.htmx) and request.method != "POST"

    @transaction.atomic  # else a worker may see the photo before it is part of the page, and put it elsewhere first
    def receive(self, request: Any, *, now: datetime) -> HttpResponse:
        """Keep what was sent. A photo that arrived whole stays, as a draft, when something else must be put right."""
        draft = Photo.objects.draft_for(request.user, self.purpose)
        form = PhotoForm(self.shape, request.POST, request.FILES, by=request.user, draft=draft, shown=self.shown)
        form.is_valid()
        if form.data_of_photo:
            self._receive_photo(request, form, now)
        photo = form.draft or form.own
        if photo is not None and not form.errors:
            answers = {name: form.cleaned_data[name] for name in ("description", "children")}
            try:
                self.keep(photo=photo, now=now, **answers)
            except CannotDo as refusal:
                form.add_error(FIELD, str(refusal))
            else:
                messages.success(request, gettext("Saved. A new photo is on the page within a minute."))
                return redirect(self.url)
        return self.page(request, form, status=422)

    def _receive_photo(self, request: Any, form: PhotoForm, now: datetime) -> None:
        if not self.may_send():
            form.add_error(FIELD, gettext("You sent many photos in a short time. Please try again in an hour."))
            return
        try:
            form.draft = actions.receive(
                given_by=request.user, purpose=self.purpose, shape=self.shape, data=form.data_of_photo, now=now
            )
        except CannotDo as refusal:
            form.add_error(FIELD, str(refusal))

    def change(self, request: Any, *, now: datetime) -> HttpResponse:
        """Take the photo off the page, put it back, or delete one that is not on the page."""
        part = request.POST.get("part")
        draft = Photo.objects.draft_for(request.user, self.purpose)
        if part == "photo":
            self.take_away(now=now)
            messages.success(request, gettext("The photo has been taken off the page."))
        elif part == "draft" and draft is not None:
            actions.remove(photo=draft, now=now)
            messages.success(request, gettext("The photo has been deleted."))
        elif part == "back" and self.may_give and draft is not None and draft.detached_at is not None:
            try:
                self.keep(photo=draft, description=draft.description, children=draft.children, now=now)
            except CannotDo as refusal:
                messages.warning(request, str(refusal))
            else:
                messages.success(request, gettext("The photo is on the page again."))
        return redirect(self.url)


def preview(draft: Photo) -> str:
    """Return a draft as a data URL, because it has no address; empty until the worker has made it."""
    sealed = getattr(draft, "sealed", None)
    return f"data:image/webp;base64,{base64.b64encode(sealed.image).decode()}" if sealed else ""

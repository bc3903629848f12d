"""Who can see something that people wrote."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Visibility(TextChoices):
    """Everyone, or only its writer and those who decide about it (`moderation`)."""

    SHOWN = "shown", _("shown")
    WAITING = "waiting", _("waits for a look")
    HIDDEN = "hidden", _("hidden")

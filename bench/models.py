"""The table of the yardstick for forms; not in any migration."""

from django.db import models
from django.utils import timezone


class Row(models.Model):
    """What someone filled in."""

    name = models.CharField(max_length=80)
    email = models.EmailField()
    note = models.TextField(blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.name

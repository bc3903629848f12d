"""For any sequence of changes and deliveries, the mails about a date are consistent and end with its actual state."""

import re
from datetime import time

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from meetups.models import Attendance, Occurrence
from meetups.schedule.recurrence import span
from notifications.models import Message
from tests.factories import make_occurrence
from tests.meetups import test_news as news

ACTIONS = st.sampled_from([("move", 9), ("move", 12), ("move", 15), ("cancel", 0), ("restore", 0), ("deliver", 0)])
CHANGE = re.compile(r"- .*?, (\d+)\.00 tot \S+ uur → (\d+)\.00 tot")


class Reader:
    """A recipient who knows the date only from the mails, and checks each mail against the previous one."""

    def __init__(self) -> None:
        self.starts, self.is_cancelled = 9, False

    def read(self, mail) -> None:
        subject, text = mail["Subject"], news.plain(mail)
        change = CHANGE.search(text)
        if subject.startswith("Gaat niet door"):
            assert not self.is_cancelled
            self.is_cancelled = True
            self.starts = int(re.search(r", (\d+)\.00 tot", text).group(1))
            return
        assert change or self.is_cancelled  # else the mail has no content
        assert self.is_cancelled is ("gaat toch door" in text)
        self.is_cancelled = False
        if change:
            was, now = map(int, change.groups())
            assert was == self.starts != now
            self.starts = now


class AnnouncementTests(TestCase):
    @given(st.lists(ACTIONS, max_size=12))
    @example([("cancel", 0), ("deliver", 0), ("restore", 0), ("cancel", 0)])
    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
    def test_each_mail_starts_from_the_previous_one_and_the_last_is_correct(self, acts):
        row = make_occurrence()
        Occurrence.objects.filter(pk=row.pk).update(
            starts_at=span(row.planned_for, time(9), time(17))[0],
            ends_at=span(row.planned_for, time(9), time(17))[1],
        )
        news.guest(row)
        reader = Reader()
        for act, hour in [*acts, ("deliver", 0)]:
            row = Occurrence.objects.select_related("meetup__location", "location").get()
            if act == "move" and not row.is_cancelled:
                news._move(row, start_time=time(hour), end_time=time(17))
            elif act == "cancel":
                news._cancel(row)
            elif act == "restore":
                news.single_dates.restore_occurrence(occurrence=row, by=news.make_user(), now=news.timezone.now())
            elif act == "deliver":
                mails = news.deliver()
                assert len(mails) <= 1
                for mail in mails:
                    reader.read(mail)
        assert reader.is_cancelled is row.is_cancelled
        # A change of time of a cancelled date is not announced.
        assert row.is_cancelled or reader.starts == news.timezone.localtime(row.starts_at).hour
        assert not Message.objects.filter(state="pending").exists()
        assert Attendance.objects.count() == 1

"""Calendar libraries read every date at the right instant, from the time zone in the feed itself.

ical.js runs if Node and ical.js are installed (`npm install --prefix build ical.js`). Its recorded output,
`readers/ical_js.json`, is always compared; run this test with RECORD=1 to update it.
"""

import io
import json
import os
import re
import shutil
import subprocess
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from dateutil import tz
from icalendar import Calendar

from locations.models import Location
from meetups.calendars import ics
from meetups.models import Meetup, Occurrence
from tests.factories import at

HERE = Path(__file__).parent / "readers"
RECORDED = HERE / "ical_js.json"
ICAL_JS = Path(__file__).parents[2] / "build" / "node_modules" / "ical.js" / "dist" / "ical.js"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def last_sunday(year: int, month: int) -> date:
    last = date(year, month, 31)
    return last - timedelta(days=(last.weekday() + 1) % 7)


def days() -> list[date]:
    """Days in seven years: those around both clock changes, and the 1st and 15th of each month."""
    found = set()
    for year in range(2024, 2031):
        for change in (last_sunday(year, 3), last_sunday(year, 10)):
            found |= {change + timedelta(days=days) for days in range(-8, 9)}
        found |= {date(year, month, day) for month in range(1, 13) for day in (1, 15)}
    return sorted(found)


def hours(on: date) -> list[tuple[datetime, datetime]]:
    """Half past nine, and on the day of a clock change also just before and after it."""
    spans = [(at(on, 9, 30), at(on, 11, 30))]
    if on in (last_sunday(on.year, 3), last_sunday(on.year, 10)):
        spans += [(at(on, 0, 30), at(on, 1, 59)), (at(on, 3), at(on, 4))]
    return spans


@pytest.fixture(scope="module")
def instants() -> list[tuple[datetime, datetime]]:
    return sorted(span for on in days() for span in hours(on))


@pytest.fixture(scope="module")
def feed(instants) -> str:
    place = Location(name="Library", address="Street 1", place="Hengelo", latitude=52.265, longitude=6.793)
    meetup = Meetup(title="Koffie, thee; é 🌷", slug="coffee", summary="x" * 100, location=place)
    occurrences = [
        Occurrence(pk=n, meetup=meetup, location=place, starts_at=start, ends_at=end, planned_for=start.date())
        for n, (start, end) in enumerate(instants)
    ]
    return ics.feed("Coffee", "All dates", [ics.event(row) for row in occurrences]).decode()


def in_utc(spans) -> list[tuple[datetime, datetime]]:
    return [(start.astimezone(UTC), end.astimezone(UTC)) for start, end in spans]


def with_unknown_zone_name(feed: str) -> str:
    """Rename the time zone, so that readers have to use its definition in the feed."""
    return feed.replace("Europe/Amsterdam", "Custom/Zone")


def zone_text(feed: str) -> str:
    return re.search(r"BEGIN:VTIMEZONE.*END:VTIMEZONE", feed, re.S)[0].replace("\r\n", "\n")


def local_times(feed: str, name: str) -> list[datetime]:
    found = re.findall(rf"^{name};TZID=Custom/Zone:(\d{{8}}T\d{{6}})\r$", with_unknown_zone_name(feed), re.M)
    return [datetime.strptime(text, "%Y%m%dT%H%M%S") for text in found]


def test_the_time_zone_has_one_rule_for_each_clock_change(feed):
    """RFC 5545, 3.6.5: DTSTART in local time before the change. Some readers use only the first RDATE of a list."""
    assert zone_text(feed) == (
        "BEGIN:VTIMEZONE\nTZID:Europe/Amsterdam\n"
        "BEGIN:DAYLIGHT\nDTSTART:19960331T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\n"
        "TZNAME:CEST\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\n"
        "BEGIN:STANDARD\nDTSTART:19961027T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\n"
        "TZNAME:CET\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\n"
        "END:VTIMEZONE"
    )


def test_icalendar_reads_every_date_at_its_instant(feed, instants):
    events = Calendar.from_ical(with_unknown_zone_name(feed)).events
    assert in_utc((event.decoded("DTSTART"), event.decoded("DTEND")) for event in events) == in_utc(instants)


def test_dateutil_reads_every_date_at_its_instant(feed, instants):
    zone = tz.tzical(io.StringIO(with_unknown_zone_name(feed))).get()
    read = zip(local_times(feed, "DTSTART"), local_times(feed, "DTEND"), strict=True)
    assert in_utc((start.replace(tzinfo=zone), end.replace(tzinfo=zone)) for start, end in read) == in_utc(instants)


def test_ical_js_read_every_date_at_its_instant(feed, instants):
    """Compares with the recorded output for this time zone definition."""
    recorded = json.loads(RECORDED.read_text())
    assert recorded["zone"] == zone_text(feed)
    read = {local: (start, end) for local, start, end in recorded["read"]}
    found = [read[local.isoformat()] for local in local_times(feed, "DTSTART")]
    assert in_utc((datetime.fromisoformat(start), datetime.fromisoformat(end)) for start, end in found) == in_utc(
        instants
    )


@pytest.mark.skipif(not (shutil.which("node") and ICAL_JS.exists()), reason="no Node or no ical.js in build/")
def test_ical_js_reads_every_date_at_its_instant(feed, instants):
    command = ["node", str(HERE / "ical.mjs"), str(ICAL_JS)]
    answer = subprocess.run(command, input=with_unknown_zone_name(feed), capture_output=True, text=True, check=True)
    read = json.loads(answer.stdout)
    if os.environ.get("RECORD"):
        version = json.loads((ICAL_JS.parents[1] / "package.json").read_text())["version"]
        recorded = {"ical.js": version, "zone": zone_text(feed), "read": read}
        RECORDED.write_text(json.dumps(recorded, separators=(",", ":")).replace('],["', '],\n["') + "\n")
    assert in_utc((datetime.fromisoformat(start), datetime.fromisoformat(end)) for _, start, end in read) == in_utc(
        instants
    )

"""From an idea to people who take part, through the pages, without JavaScript."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from initiatives.models import Initiative
from initiatives.stages import Stage
from moderation.demo_data import know
from tests.scenario import make_town

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(db):
    return make_town()


IDEA = {
    "what": "Onze meisjes hebben allemaal een cavia. Zullen we daar iets mee doen?",
    "for_whom": "kinderen van 4 tot en met 12 jaar",
    "needed": "2 balen hooi\nIemand die de deur opendoet",
    "title": "Cavia Café",
}


def test_a_parent_proposes_and_another_takes_part(town, client):
    know([town.parent], now=timezone.now())
    client.force_login(town.parent)
    answer = client.post(f"{reverse('initiative_new')}?gemeente=hengelo", IDEA)
    idea = Initiative.objects.get(title=IDEA["title"])
    assert answer.url == "/initiatieven/cavia-cafe/"
    assert [(need.text, need.quantity) for need in idea.needs.all()] == [
        ("balen hooi", 2),
        ("Iemand die de deur opendoet", 1),
    ]
    assert (idea.stage, idea.history.get().step) == ("idea", "published")
    page = client.get(answer.url).content.decode()
    assert "Cavia Café" in page
    other = Client()
    other.force_login(town.newcomer)
    form = other.get(f"{answer.url}meedoen/?hoe=kom")
    assert form.status_code == 200
    done = other.post(f"{answer.url}meedoen/?hoe=kom", {"adults": "2", "children": "1", "moments": ["3-morning"]})
    assert done.status_code == 302
    idea.refresh_from_db()
    assert idea.stage == Stage.GATHERING
    support = idea.supports.get()
    assert (support.user, support.adults, support.children, support.moments) == (town.newcomer, 2, 1, ["3-morning"])
    need = idea.needs.get(quantity=2)
    filled = other.post(f"{answer.url}meedoen/?nodig={need.pk}", {"amount": "1", "words": "uit onze schuur"})
    assert filled.status_code == 302
    assert idea.needs.with_missing().get(pk=need.pk).missing == 1

"""What every page knows."""

import pytest
from django.test import RequestFactory
from django.urls import translate_url
from django.utils.translation import override

from pedbasis.context import other_language
from tests.addresses import ADDRESSES
from tests.scenario import Town

pytestmark = pytest.mark.django_db
MACHINES = {"healthz", "readyz", "favicon", "robots"}  # have no language


@pytest.mark.parametrize("language, other", [("nl", "en"), ("en", "nl")])
def test_the_switch_leads_to_the_same_page_in_the_other_language(lasting_town: Town, language, other):
    with override(language):
        for address in ADDRESSES:
            if address.name not in MACHINES:
                path = f"{address.path(lasting_town)}?q=caf%C3%A9&pagina=2"
                found = other_language(RequestFactory().get(path))
                assert (found["code"], found["url"]) == (other, translate_url(path, other))

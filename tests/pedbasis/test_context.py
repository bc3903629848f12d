"""The context processor."""

import pytest
from django.test import RequestFactory
from django.urls import translate_url
from django.utils.translation import override

from pedbasis.context import other_language
from tests.addresses import ADDRESSES
from tests.scenario import Town

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language, other", [("nl", "en"), ("en", "nl")])
def test_language_switch_links_to_the_same_page(lasting_town: Town, language, other):
    for address in ADDRESSES:
        with override(other):
            there = address.path(lasting_town)
        with override(language):
            here = address.path(lasting_town)
            if here != there:  # URLs for machines have no language
                path = f"{here}?q=caf%C3%A9&pagina=2"
                found = other_language(RequestFactory().get(path))
                assert (found["code"], found["url"]) == (other, translate_url(path, other))

"""Parameters have English names in the code and Dutch ones in addresses, also in links and in the fields of forms."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from locations.forms import NearForm
from locations.parameters import PARAMETERS, in_address, query_string, read_parameters


def test_every_parameter_has_a_name_of_its_own_in_the_address():
    assert len(set(PARAMETERS.values())) == len(PARAMETERS)


def test_parameters_are_read_by_their_dutch_names():
    found = read_parameters(RequestFactory().get("/?bij=Weert&gemeente=&place=Borne"))
    assert found["place"] == "Weert"
    assert {name: value for name, value in found.items() if value} == {"place": "Weert"}
    assert list(found) == list(PARAMETERS)


def test_the_last_of_a_repeated_parameter_counts():
    assert read_parameters(RequestFactory().get("/?dag=1&dag=2"))["weekday"] == "2"


@pytest.mark.parametrize(
    ("parameters", "changes", "expected"),
    [
        ({"place": "Den Haag & co", "radius": 10}, {}, "?bij=Den+Haag+%26+co&straal=10"),
        ({"place": "Weert", "page": 2}, {"page": 3}, "?bij=Weert&pagina=3"),
        ({"place": "Weert", "page": 2}, {"page": None}, "?bij=Weert"),
        ({}, {"town": "weert"}, "?gemeente=weert"),
        ({}, {}, "?"),
    ],
)
def test_query_strings_have_dutch_names(parameters, changes, expected):
    assert query_string(parameters, **changes) == expected
    tag = Template("{% load parameters %}{% query parameters " + " ".join(f"{name}={name}" for name in changes) + " %}")
    assert tag.render(Context({"parameters": parameters} | changes)) == expected.replace("&", "&amp;")


def test_a_name_that_is_no_parameter_is_a_mistake():
    with pytest.raises(KeyError):
        in_address({"bij": "Weert"})


@pytest.mark.django_db
def test_fields_have_dutch_names_in_html():
    form = NearForm({"place": "Weert"})
    assert 'name="bij" value="Weert"' in str(form["place"])
    assert 'name="straal"' in str(form["radius"])
    assert form.data == {"bij": "Weert", "straal": "10", "lat": "", "lon": ""}

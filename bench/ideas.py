"""The pages of ideas to measure."""

import itertools
from collections.abc import Iterator

from bench import load


def pages(town: str) -> dict[str, Iterator[bytes]]:
    """Return the requests to measure, by the label of the page."""
    return {
        "ideas, whole country": itertools.repeat(load.get("/initiatieven/")),
        "ideas of a town": itertools.repeat(load.get(f"/initiatieven/?gemeente={town}")),
        "ideas near a place": itertools.repeat(load.get("/initiatieven/?bij=Hengelo&straal=10")),
        "ideas that need money": itertools.repeat(load.get("/initiatieven/?nodig=money")),
        "ideas, page 40": itertools.repeat(load.get("/initiatieven/?pagina=40")),
        "ideas, search": itertools.repeat(load.get("/initiatieven/?q=cavia")),
        "ideas, search for a common word": itertools.repeat(load.get("/initiatieven/?q=kinderen")),
        "ideas, search with a typing error": itertools.repeat(load.get("/initiatieven/?q=cavai")),
        "one idea": itertools.repeat(load.get("/initiatieven/idee-1/")),
        "ideas feed of a town": itertools.repeat(load.get(f"/gemeenten/{town}/initiatieven.atom")),
    }


CACHED = ("ideas, whole country", "ideas of a town", "ideas, search", "one idea")

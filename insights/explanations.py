"""What each figure means, in the same words on the page and in the files."""

from django.utils.translation import gettext_lazy as _

TIMES = _("How many meetups there were.")
TIMES_CLOSED = _("Of how many of those a host closed the list. The others are not registered and count in nothing.")
VISITS = _(
    "Everyone whom the host counted, grown-ups and children, with or without a name. Someone who comes twice, counts "
    "twice. We show visits only in a month with at least five families on the lists of the meetups."
)
FAMILIES = _("The families on the lists: new ones, those there for the second time, and the others together.")
NEWCOMERS = _(
    "When it came for the first time in this town, or had not come this year or last year. We only know this of "
    "families that gave an e-mail address."
)
SECOND_VISITS = _(
    "Coming in once takes courage. Who comes a second time felt welcome. We count each family once, in the month in "
    "which it came back."
)
LATER_OR_UNKNOWN = _(
    "There more often, or unknown: families who came for the third time or more, and families without an e-mail "
    "address, of whom we cannot know whether they came before. Apart they could give someone away."
)
REGULARS = _(
    "When it came at least three times in a quarter, to any place in this town. We only know this of families that "
    "gave an e-mail address."
)
REGULAR_GROUP = _(
    "When at least five families came to this place three times or more in the quarter. Not yet? Then look at the "
    "place and the time first: is it the same place, on the same day, with the same host?"
)
FIVES = _(
    "People are counted in fives. What is left over counts in the next month. So new families can be 4 too many or "
    "too few, in a month and also in a year, and not more. The same goes for second visits, and for more often or "
    "unknown."
)
SMALL_NUMBERS = _(
    "“Fewer than 5” is 0 to 4. “Not shown”: there are too few families or visits to show it. “–”: no meetup was closed."
)
ON_THE_PAGE = {
    "visits": VISITS,
    "newcomers": NEWCOMERS,
    "second_visits": SECOND_VISITS,
    "later_or_unknown": LATER_OR_UNKNOWN,
    "regulars": REGULARS,
    "regular_group": REGULAR_GROUP,
    "fives": FIVES,
    "small_numbers": SMALL_NUMBERS,
}

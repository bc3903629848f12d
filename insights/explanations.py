"""What each figure means, in the same words on the page and in the files."""

from django.utils.translation import gettext_lazy as _

TIMES = _("How many meetups there were.")
TIMES_CLOSED = _("For how many of those a host closed the list. The others are not recorded and do not count.")
VISITS = _(
    "Everyone the host counted, grown-ups and children, with or without a name. Someone who "
    "comes twice counts twice. We show visits only in a month with at least five families on "
    "the lists of the meetups."
)
FAMILIES = _("The families on the lists: new ones, those there for the second time, and the others together.")
NEWCOMERS = _(
    "When it came for the first time in this town, or had not come this year or last year. "
    "We only know this about families that gave an email address."
)
SECOND_VISITS = _(
    "Coming in for the first time takes courage. Anyone who comes a second time felt "
    "welcome. We count each family once, in the month in which it came back."
)
LATER_OR_UNKNOWN = _(
    "There more often, or unknown: families who came for the third time or more, and "
    "families without an email address. We cannot know whether those came before. If we "
    "showed them separately, you could guess who it is."
)
REGULARS = _(
    "When it came at least three times in a quarter, to any place in this town. We only know "
    "this about families that gave an email address."
)
REGULAR_GROUP = _(
    "When at least five families came to this place three times or more in the quarter. Not yet? Then look at the "
    "place and the time first: is it the same place, on the same day, with the same host?"
)
FIVES = _(
    "People are counted in fives. What is left over counts in the next month. So the number "
    "of new families can be 4 too high or too low, in a month and in a year too, but not "
    "more. The same is true of “there for the second time” and of “there more often, or "
    "unknown”."
)
SMALL_NUMBERS = _(
    "“Fewer than 5” is 0 to 4. “Not shown”: there are too few families or visits to show it. “–”: no list was closed."
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

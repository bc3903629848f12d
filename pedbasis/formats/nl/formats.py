"""Dutch date and time formats: "dinsdag 1 december 2026", "9.30"."""

DATE_FORMAT = "l j F Y"
MONTH_DAY_FORMAT = "l j F"
SHORT_DATE_FORMAT = "j M Y"
YEAR_MONTH_FORMAT = "F Y"
TIME_FORMAT = "G.i"
DATETIME_FORMAT = r"l j F Y \o\m G.i"
FIRST_DAY_OF_WEEK = 1

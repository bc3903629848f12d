"""Parameters of addresses whose value is a list.

A form with checkboxes repeats the name for each value (leeftijd=0-3&leeftijd=4-12); in canonical form the values are
separated by commas (leeftijd=0-3,4-12). Of any other parameter that is repeated only the last value counts.
"""

LISTS = frozenset({"leeftijd", "dagdeel"})

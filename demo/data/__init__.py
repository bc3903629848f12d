"""Demo data: ten towns with a year of history. `content` describes them, `stories` simulates visits, `towns` saves."""

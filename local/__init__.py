"""PostgreSQL and Valkey out of Python packages, for the demo and the tests: no Docker, no apt, no account needed.

On the command line: `python -m local exec -- COMMAND`; in code: `with services(data_dir) as running:`.
Nothing in this package reads Django's settings: it makes the environment which those are read from.
"""

"""Runs PostgreSQL and Valkey from Python packages, for the demo and the tests: no Docker, apt or account needed.

On the command line: `python -m local exec -- COMMAND`; in code: `with services(data_dir) as running:`.
Nothing in this package reads Django's settings: it sets the environment variables that they are read from.
"""

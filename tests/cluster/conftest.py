"""Fixtures of tests with several machines."""

from tests.object_server import bucket, server  # noqa: F401  (fixtures)

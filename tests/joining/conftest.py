"""The same town as for accounts."""

from tests.accounts.conftest import alice, home  # noqa: F401 - fixtures

"""The town and the staff of the back office's tests."""

from tests.admin.conftest import home, staff  # noqa: F401 - fixtures

"""Long work of the back office, handed to the worker."""

"""Long acts of the back office: done at once when small, handed to the worker with a progress page when not."""

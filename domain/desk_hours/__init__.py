"""When the town's own desk is open."""

"""The rulebook of the portal: what may happen, when, and at what price. No web framework here."""

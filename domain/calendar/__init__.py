"""Calendar: what kind of day a day is."""

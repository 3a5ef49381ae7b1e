"""Privacy: how long data is kept and how it goes, what is held about a person, and requests about it."""

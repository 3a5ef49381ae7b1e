"""Schools: levels and the carte scolaire."""

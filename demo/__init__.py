"""The demonstration town of Saint-Préau, built through the same operations as a real one."""

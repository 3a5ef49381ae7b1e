"""The outside world: bank, mail, PDF, files, imports, exports."""

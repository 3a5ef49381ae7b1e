"""The back office's search box: whatever a person types, found in the words of all files."""

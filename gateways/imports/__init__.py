"""Files that other tools export, read with the dirt that such files have."""

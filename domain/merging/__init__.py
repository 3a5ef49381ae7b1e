"""Two files, two adults or two children that are one: brought together, with nothing lost."""

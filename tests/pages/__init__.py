"""Every page of the portal, found in its map of addresses: what it weighs, what it asks, how accessible it is."""

"""The guides inside the product, and how one finds a passage in them."""

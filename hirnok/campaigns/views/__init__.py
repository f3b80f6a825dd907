"""Pages of the campaigns package, by noun."""

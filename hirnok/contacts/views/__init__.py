"""Pages of the contacts package, by noun."""

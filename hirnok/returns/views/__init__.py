"""Pages about mail that comes back: what waits for people, the roads in, the rules; and the providers' way in."""

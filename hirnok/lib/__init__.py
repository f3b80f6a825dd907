"""Pure helpers by subject: env (settings), keys, tokens, clock, text. Knows nothing above it, no Django."""

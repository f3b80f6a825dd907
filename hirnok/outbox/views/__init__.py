"""The pages of relays, queues and pace."""

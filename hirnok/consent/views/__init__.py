"""Pages of readers, authorised by tokens, and the room of forms in the workplace."""

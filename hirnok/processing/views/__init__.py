"""Views of the processing agreement."""

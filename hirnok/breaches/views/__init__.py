"""Views of breaches."""

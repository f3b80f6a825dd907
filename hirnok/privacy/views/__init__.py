"""Views of the privacy pages."""

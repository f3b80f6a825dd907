"""Hirnok: self-hosted newsletters in which personal data exists only under a registered purpose."""

__version__ = "0.1.0"

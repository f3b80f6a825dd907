"""Breaches of personal data: suspicion, the 72 hours, severity, decision, notifications, lessons."""

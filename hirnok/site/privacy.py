"""What `site` holds of people: it has no tables."""

from hirnok.register.declarations import Declaration

DECLARATIONS: tuple[Declaration, ...] = ()

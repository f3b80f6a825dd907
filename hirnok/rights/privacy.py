"""What `rights` holds of people."""

from hirnok.register.declarations import Declaration

DECLARATIONS: tuple[Declaration, ...] = ()

"""What the pages of the register hold of people: nothing; they show what `register` holds of the tenant."""

from hirnok.register.declarations import Declaration

DECLARATIONS: tuple[Declaration, ...] = ()

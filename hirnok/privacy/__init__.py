"""Pages of the register: the controller, activities, recipients, what blocks a notice, notices and their versions.

Promises: a notice is only ever drawn from a document that `register.notices` made; every change is audited. Leaves
to others: what the register means and what it needs (`register`), which data are held (each package's `privacy.py`).
"""

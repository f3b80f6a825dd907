"""Lists, contacts, their fields and tags, import and export.

A contact is what a tenant knows of a person for one brand's newsletter; it shares the id of its holding.
`reading` turns files into checked rows (pure), `loading` puts rows into the database by sets, `imports` runs
the steps a user sees, `export` writes CSV and XLSX. Must not know campaigns, consent or what was sent.
"""

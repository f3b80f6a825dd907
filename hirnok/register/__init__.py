"""The register that the rest hangs from: activities, sources, persons, holdings, holds, suppression.

A *holding* is the unit of lawfulness: this tenant holds data about this person, for this activity, on this
legal basis, from this source, since then, until then. Everything personal hangs from one by a foreign key
that cascades in the database. `declarations` collects what every package's `privacy.py` says of its columns;
`closing.end` is the only way personal data is deleted; `suppression` remembers who must not be written to.
No pages. Must not know any subject above it.
"""

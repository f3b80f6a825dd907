"""Everything about an e-mail that needs neither a database nor the network: pure functions, no Django.

Owns no tables. A newsletter goes `compose.prepare` (template in Markdown, HTML or MJML to checked parts and a
list of links) and `compile.compile_message` (parts to bytes with holes); the engine loads the result with
`Compiled.load` and fills it once per recipient with `Compiled.render`. Beside it: `addresses` (normal form and
blind index), `merge` (the template language), `links` (URLs with merge fields), `letters` (ordinary messages),
`replies` and `retry` (what an SMTP reply means and when to try again), `pacing` (how fast to whom, by which relay).

Must not know: tenants, contacts, settings, clocks. Time, keys and texts are arguments.
"""

"""How every page looks: frames, components, forms, paging, charts, navigation, error pages.

Owns no tables. Gives page authors frames to extend (`ui/workplace.html`, `ui/list.html`, `ui/form.html`,
`ui/wizard.html`, `ui/confirm.html`, `ui/public.html`, `ui/signed_out.html`), tags (`{% load ui %}`) and
small pure helpers: `paging.keyset`, `charts.bar`, `progress.Progress`, `confirmation.Confirmation`,
`wizard.steps`. Must not know contacts, campaigns or any other subject: it sees rows, words and URLs.
"""

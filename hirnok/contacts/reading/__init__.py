"""Reading a file of contacts: from bytes on disk to checked rows.

Owns: finding kind, encoding, delimiter, sheet and header of a file (`files.open_table`), the guess
what each column means (`mapping.guess`), typed rows (`rows.read_rows`) and what a person sees before
she decides (`preview.preview`). Everything streams; memory does not grow with the number of rows
but for one 8-byte mark per address (de-duplication).

Knows no model and no database; the callers in `hirnok.contacts` load what comes out of it.
"""

"""Newsletters: writing, checking, previewing, launching, following, reporting.

`composing` makes the very bytes that preview, test send and launch use; `audience` says who gets it and why
others do not; `launch` queues, pauses, resumes and cancels; `reports` counts. Must not know its siblings.
"""

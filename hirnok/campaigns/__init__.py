"""Newsletters: writing, checking, previewing, launching, following, reporting.

`drafting` begins, changes, copies and deletes; `composing` makes the very bytes that preview, test send and
launch use; `audience` says who gets it and why others do not; `checking` lists what stands between a draft and
its launch; `launch` schedules, queues, pauses, resumes and cancels; `pictures` knows what bodies show;
`testing` sends to colleagues; `reports` counts. Must not know its siblings.
"""

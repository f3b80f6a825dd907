"""The demo: a small garden shop and an orchard, and the main job done for real.

`cast` makes operator, tenants, people, brands and relay; `people` the file that is imported; `newsletter` what
is sent; `job` runs import and sending through the very functions of the pages; `readers` open, click and leave
over HTTP; `telling` prints. Every step looks at what is there already, so a demo that was stopped goes on, and
one that is done says so at once. Nothing here reaches beyond this machine: the relay is the mail sandbox.
"""

"""What a Python process tells hanglab of itself: its tasks and threads, where they wait, for what, and what they hold.

The one walk for both ways into a process: `sitecustomize.py` calls it on a signal in targets that hanglab starts, and
`hanglab diagnose --inject` brings the text of these files, one after another, into any other. So they import nothing
that could be missing, take no lock (it may be the one that everybody waits for), and never run code of the program's
own objects.
"""

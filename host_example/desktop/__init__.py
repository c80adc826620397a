"""A small LogiVet: its own agenda, the client half of the sync API, and pages to look at it.

It knows the portal only through the protocol's HTTP endpoints, as any other client would.
Start it with ``python -m host_example.desktop`` or, inside a process, ``serving.run``.
"""

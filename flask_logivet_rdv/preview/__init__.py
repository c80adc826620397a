"""Every page, mail and message in every state and language, as files, for translators.

``python -m flask_logivet_rdv.preview DIR``: a process of its own, as models are bound to one host.
It drives the real views on a portal, a clinic and a clock of its own; nothing of a host is there.
"""

"""The catalogues as translators keep them: read from the code, brought up to date, checked.

For a checkout: a wheel ships compiled catalogues only. Babel does the work.
"""

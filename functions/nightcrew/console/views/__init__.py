"""What stands at which address: one file for each page, which says its addresses itself.

A view asks the same functions as the HTTP API, and gives a template what they say.
"""

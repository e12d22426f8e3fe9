"""Signing in at an issuer of tokens, Cognito or the company's own, where the console is deployed: OpenID Connect.

A browser is sent there and comes back with a code (``sign_in``, ``attempt``); the function takes it to the issuer for a
token (``issuer``, ``fetching``), reads who that is about (``token``), keeps a session (``sessions``), and asks the
stack's parameters at each request what this person may (``people``).
"""

"""The console: pages for people who have a browser and no terminal. Rendered on the server; they work without scripts.

A request comes as API Gateway sends it (``console``), whether from there or from a server on loopback (``loopback``).
Who asks is known by a session (``session``, and one file for each way to sign in); each page is a view (``views``) over
what the HTTP API answers, in a template of its name.
"""

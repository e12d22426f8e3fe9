"""What people and programs may ask of an installation: by the HTTP API, the console and, where it is the same, the
command line.

===================  ==============================================================================================
``desk``             where a question is answered: the front door, who asks, and where its files are
``people``           who asks, and what they may: viewer, operator, approver
``calls``            every call of the HTTP API, and who may make it
the questions        ``runbooks``, ``runs``, ``start``, ``deciding``, ``approvals``, ``halts``, ``recall``, ``lessons``,
                     ``search``, ``statistics``, ``policy``, ``why``: plain data in, plain data out
their parts          ``resources``, ``times``, ``standing``, ``idempotency``, ``told``
HTTP                 ``answering`` (from request to answer), ``routes``, ``asked`` and ``answers`` (their models),
                     ``problem`` (errors); ``openapi`` writes docs/openapi.json
===================  ==============================================================================================

Import from the modules: nothing is re-exported here.
"""

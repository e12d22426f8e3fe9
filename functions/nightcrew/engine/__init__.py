"""The durable body, and the two engines that run it: Lambda durable functions, and a SQLite journal where there is no
AWS.
"""

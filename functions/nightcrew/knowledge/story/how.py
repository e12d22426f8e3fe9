"""How a change came to its outcome."""

HOW = {
    "once": "",
    "repeated": "its outcome was unknown: repeated",
    "looked: it had taken effect": "its outcome was unknown: looked at, and it had taken effect",
    "looked: it had not; called": "its outcome was unknown: looked at, and it had not; called again",
    "looked: it had not": "its outcome was unknown: looked at, and it had not taken effect; not called again",
    "unknown": "its outcome is unknown",
}
"""As a change's fact names it (authoring/change), in words."""

"""What goes wrong at a sign-in."""

from nightcrew.errors import NightcrewError


class NotSignedIn(NightcrewError):
    """Nobody was signed in; the words are for who tried, and for the log: there is neither code nor token in them."""


class IssuerTrouble(NotSignedIn):
    """The issuer did not answer, or not as OpenID Connect has it: who tried can do nothing about it but try again."""

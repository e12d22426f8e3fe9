"""Signing in as a stack has it, from the function's environment.

================================  ================================================================================
``NIGHTCREW_CONSOLE_ISSUER``      the issuer's name, exactly as in its tokens; without it there is no console
``NIGHTCREW_CONSOLE_CLIENT``      what the issuer calls the console
``NIGHTCREW_CONSOLE_URL``         the console's own address: ``https://console.example.com``
``NIGHTCREW_CONSOLE_VIEWERS``     who may look: addresses and groups, see ``people``
``NIGHTCREW_CONSOLE_OPERATORS``   who may act
``NIGHTCREW_CONSOLE_APPROVERS``   who may decide
================================  ================================================================================
"""

from collections.abc import Callable, Mapping

from nightcrew.clock import Clock
from nightcrew.console.oidc.fetching import Fetching
from nightcrew.console.oidc.issuer import Issuer
from nightcrew.console.oidc.people import People
from nightcrew.console.oidc.sessions import Sessions
from nightcrew.console.oidc.sign_in import BACK, OidcSignIn
from nightcrew.engine.deployed import required
from nightcrew.ledger.store import Store


def sign_in(
    environment: Mapping[str, str],
    store: Store,
    clock: Clock,
    told: Callable[[str, str], None],
    *,
    loopback: bool = False,
) -> OidcSignIn:
    """``told`` hears who was signed in and out, and why somebody was not. ``loopback`` is for a test's issuer on this
    machine: a stack has it never. Raises Unknown where something is missing.
    """
    issuer, client, url = (required(environment, f"NIGHTCREW_CONSOLE_{each}") for each in ("ISSUER", "CLIENT", "URL"))
    url = url.rstrip("/")
    asked = Issuer(issuer, client, f"{url}{BACK}", Fetching(clock, loopback=loopback), clock)
    return OidcSignIn(url, asked, Sessions(store, clock, issuer, client), People.of(environment), clock, told)

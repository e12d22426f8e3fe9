"""What keeps a page its reader's own: headers that let nothing foreign in, and forms that only our pages can send."""

import hmac
from collections.abc import Mapping

from nightcrew.console.asked import Asked
from nightcrew.console.session import Session
from nightcrew.errors import NightcrewError

TOKEN = "token"  # noqa: S105  its name, not its value
"""The field of a form that has its session's token."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
"""No inline script or style, nothing from elsewhere (W3C, Content Security Policy Level 3)."""

HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
"""Of each answer. The referrer stays within the site: an address may name a resource."""

HTTPS_ONLY = {"Strict-Transport-Security": "max-age=31536000"}


class Forged(NightcrewError):
    """A form that our page did not send, or one that is too old: nothing was done."""


def check(asked: Asked, session: Session) -> None:
    """Let pass what changes nothing, and what a page of this session sent. Raises Forged.

    Browsers say themselves where a request comes from (W3C, Fetch Metadata); the token holds for those that do not.
    """
    if not asked.changes:
        return
    site = asked.headers.get("sec-fetch-site", "same-origin")
    token = asked.given(TOKEN) or ""
    if site not in {"same-origin", "none"} or not hmac.compare_digest(token.encode(), session.token.encode()):
        raise Forged("this form is not from a page of this session: nothing was done. Open the page anew and send it")

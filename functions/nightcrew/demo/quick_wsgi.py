"""A request as moto's doors want it, made without werkzeug's test client, and read as it is made."""

import re
import sys
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any
from urllib.parse import unquote

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY, Request, environ_key_for_header
from werkzeug.datastructures import ImmutableMultiDict

_PLAIN = re.compile(r"(https?)://([a-z0-9.-]+)(/(?!/)[\w/.~%:@!$&'()*+,=-]*)(?:\?([^#]*))?", re.ASCII)
"""A scheme, a host, a path and a query that werkzeug leaves as they are."""

_FORMS = ("application/x-www-form-urlencoded", "application/x-url-encoded", "multipart/")


def plainly(ordinary: Callable[..., Request]) -> Callable[..., Request]:
    """The quick ``Request.from_primitives``: the ordinary one where a thing could be spelled in two ways."""

    def from_primitives(
        kind: type[Request], method: str, url: str, headers: Mapping[str, Any], body: Any = None
    ) -> Any:
        plain = _PLAIN.fullmatch(url) if url.isascii() else None
        path = _unquoted(plain[3]) if plain else None
        if plain is None or path is None or not (body is None or isinstance(body, bytes | str)):
            return ordinary(kind, method, url, headers, body)
        sent = body.encode() if isinstance(body, str) else body or b""
        scheme, host = plain[1], plain[2]
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "QUERY_STRING": plain[4] or "",
            "REQUEST_URI": plain[3],
            "RAW_URI": plain[3],
            "SERVER_NAME": host,
            "SERVER_PORT": "443" if scheme == "https" else "80",
            "HTTP_HOST": host,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": scheme,
            "wsgi.input": BytesIO(sent),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            PRESERVED_HEADER_NAMES_ENVIRON_KEY: {},
        }
        for name, value in headers.items():
            if "_" in name or name.lower() == "transfer-encoding":
                return ordinary(kind, method, url, headers, body)
            environ[environ_key_for_header(name)] = value.decode() if isinstance(value, bytes) else value
        environ["CONTENT_LENGTH"] = str(len(sent))
        request = kind(environ)
        known = vars(request)
        known["url_root"] = f"{scheme}://{host}/"
        if not environ.get("CONTENT_TYPE", "").lower().startswith(_FORMS):
            known["data"] = known["_cached_data"] = sent
            known["stream"] = BytesIO()
            known["form"] = known["files"] = _NOTHING
        return request

    return from_primitives


_NOTHING: ImmutableMultiDict[str, Any] = ImmutableMultiDict()


def _unquoted(path: str) -> str | None:
    """The path as WSGI has it, or None where it is no UTF-8."""
    if "%" not in path:
        return path
    try:
        return unquote(path, errors="strict").encode().decode("latin-1")
    except UnicodeDecodeError:
        return None

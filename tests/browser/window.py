"""A window of a real browser, and what can be seen there. Whatever waits, waits by playwright's own looking."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

SERIOUS = {"serious", "critical"}
LONGEST = 20_000
"""Milliseconds that something may take to be seen."""


@dataclass
class Window:
    """``page`` is playwright's. ``troubles`` is what the browser complained about."""

    page: Any
    console: str
    troubles: list[str] = field(default_factory=list)
    played: bool = False

    def __post_init__(self) -> None:
        self.page.set_default_timeout(LONGEST)
        self.page.on("console", lambda message: self._said(message.type, message.text))
        self.page.on("pageerror", lambda error: self.troubles.append(f"a script failed: {error}"))
        self.page.on("dialog", self._dialog)

    def enter(self) -> "Window":
        """Open the address that the terminal printed."""
        self.page.goto(self.console)
        return self

    def open(self, path: str) -> int:
        """A page; its status."""
        answer = self.page.goto(self.at(path))
        return int(answer.status)

    def at(self, path: str) -> str:
        """The whole address of a page."""
        where = urlsplit(self.console)
        return f"{where.scheme}://{where.netloc}{path}"

    @property
    def path(self) -> str:
        """Where it is now."""
        return urlsplit(str(self.page.url)).path

    def shows(self, text: str, within: str = "main") -> None:
        """Wait until it can be read."""
        from playwright.sync_api import expect

        expect(self.page.locator(within).first).to_contain_text(text, timeout=LONGEST)

    def shows_no_more(self, text: str, within: str = "body") -> None:
        """Wait until it is gone."""
        from playwright.sync_api import expect

        expect(self.page.locator(within).first).not_to_contain_text(text, timeout=LONGEST)

    def fill(self, values: Mapping[str, str]) -> None:
        """Type into the fields of these names, in the page's own part."""
        for name, value in values.items():
            self.page.locator(f"main [name={name}]").first.fill(value)

    def press(self, button: str) -> None:
        """Press the button of that name."""
        self.page.get_by_role("button", name=button, exact=True).first.click()

    def plays(self, name: str) -> None:
        """Play somebody else; "yourself" ends that."""
        self.open("/console")
        self.page.get_by_label("In the demo you may play").select_option(label=name)
        self.press("Play")
        self.played = name != "yourself"

    def tab_to(self, words: str) -> None:
        """By the keyboard alone: on to the link, the field or the button that is called so."""
        for _ in range(80):
            self.page.keyboard.press("Tab")
            if words in self._held():
                return
        raise AssertionError(f"no key leads to {words} on {self.path}")

    def serious(self) -> list[str]:
        """What axe has against it."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{each['id']}: {each['help']}: {[node['html'][:120] for node in each['nodes']][:3]}"
            for each in found
            if each["impact"] in SERIOUS
        ]

    @property
    def overhang(self) -> int:
        """By how many pixels the page is wider than the window."""
        root = "document.documentElement"
        return int(self.page.evaluate(f"{root}.scrollWidth - {root}.clientWidth"))

    def _held(self) -> str:
        """What has the focus, in words."""
        labels = "[...(e.labels ?? [])].map(l => l.textContent).join(' ')"
        return str(
            self.page.evaluate(
                f"(() => {{ const e = document.activeElement; return {labels} + ' ' + e.textContent }})()"
            )
        )

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and not text.startswith(
            "Failed to load resource"
        ):  # a status, said by the page
            self.troubles.append(text)

    def _dialog(self, dialog: Any) -> None:
        self.troubles.append(f"somebody's script ran: {dialog.message}")
        dialog.dismiss()

"""All pages. What is not in this table cannot be reached."""

from nightcrew.api.problem import NotThisWay
from nightcrew.console.asked import placed
from nightcrew.console.at import At
from nightcrew.console.views import approve, catalog, digest, halt, history, now, postmortem, review, run, start
from nightcrew.errors import Unknown

PAGES: tuple[At, ...] = (
    *now.PAGES,
    *halt.PAGES,
    *history.PAGES,
    *run.PAGES,
    *postmortem.PAGES,
    *approve.PAGES,
    *catalog.PAGES,
    *start.PAGES,
    *review.PAGES,
    *digest.PAGES,
)


def page_at(method: str, path: str) -> tuple[At, dict[str, str]]:
    """The page, and the names in its path. Raises Unknown where nothing is at this path, NotThisWay where only other
    methods are.
    """
    method = "GET" if method == "HEAD" else method
    there = [(page, names) for page in PAGES if (names := placed(page.path, path)) is not None]
    if not there:
        raise Unknown("there is no such page")
    found = next(((page, names) for page, names in there if page.method == method), None)
    if found is None:
        raise NotThisWay(method, path[:120], [page.method for page, _ in there])
    return found

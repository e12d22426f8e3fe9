"""Requests of several people at once, as a server on one's own machine gets them: each is answered as its own."""

from concurrent.futures import ThreadPoolExecutor

from tests.api.desk import OPERATOR, VIEWER, Office


def test_nobody_gets_the_answer_of_another(office: Office) -> None:
    def ask(number: int) -> bool:
        by = OPERATOR if number % 2 else VIEWER
        said = office.ask("POST", "/halts", {"reason": f"reason {number}"}, by=by)
        words = office.ask("GET", "/why", query={"what": f"alarm {number}"}, by=by).body["alarm"]
        halted = (
            [each["reason"] for each in said.body] == [f"reason {number}"] if by == OPERATOR else said.status == 403
        )
        return bool(halted) and words == f"alarm {number}"

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(24)))

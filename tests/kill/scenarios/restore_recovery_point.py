"""A table's recovery point, restored beside it by hand."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.scenarios.recovery_points import VAULT, a_table, tables

TABLE, AGAIN = "Orders", "Orders-restored-again"


def arrange(cloud: Arranging) -> Start:
    point = a_table(cloud, TABLE)["point"]
    return Start(parameters={"point": point, "vault": VAULT, "target": AGAIN, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    return tables(cloud, TABLE)


SCENARIO = Scenario("restore-recovery-point", arrange, afterwards, "succeeded")

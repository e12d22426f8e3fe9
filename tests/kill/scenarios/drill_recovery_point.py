"""A table's recovery point whose restore is drilled by hand: whoever dies, nothing of the drill is left."""

from typing import Any

from tests.kill.scenario import Arranging, Scenario, Start
from tests.kill.scenarios.recovery_points import a_table, tables

TABLE = "Orders"


def arrange(cloud: Arranging) -> Start:
    return Start(parameters={"of": a_table(cloud, TABLE)["of"], "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    return tables(cloud, TABLE)


SCENARIO = Scenario("drill-recovery-point", arrange, afterwards, "succeeded")

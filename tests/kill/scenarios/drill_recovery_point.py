"""A table's recovery point whose restore is drilled by hand: whoever dies, nothing of the drill is left."""

from typing import Any

from nightcrew.demo.embedded import ACCOUNT, REGION
from tests.kill.scenario import Arranging, Scenario, Start

TABLE, VAULT = "Orders", "safe"


def arrange(cloud: Arranging) -> Start:
    cloud.client("dynamodb").create_table(
        TableName=TABLE,
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    backup = cloud.client("backup")
    backup.create_backup_vault(BackupVaultName=VAULT)
    table = f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE}"
    backup.start_backup_job(
        BackupVaultName=VAULT,
        ResourceArn=table,
        IamRoleArn=f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole",
    )
    return Start(parameters={"of": table, "within": "1m"})


def afterwards(cloud: Arranging) -> Any:
    return [name for name in cloud.client("dynamodb").list_tables()["TableNames"] if name.startswith(TABLE)]


SCENARIO = Scenario("drill-recovery-point", arrange, afterwards, "succeeded")

"""What is compiled when the functions are built, so that a cold start only reads it: policy and catalog.

``python -m nightcrew.engine.packaged DIRECTORY`` writes both into the code of a function, from what lies there. A
checkout has neither: there the policy is checked, and every runbook imported, whenever they are asked for.
"""

import sys
from importlib.resources import files
from pathlib import Path

from nightcrew.admission.policy import Policy
from nightcrew.admission.policy_compiled import from_compiled as policy_from
from nightcrew.authoring.catalog import OURS, Catalog, registered
from nightcrew.authoring.catalog_compiled import from_compiled as catalog_from

POLICY, CATALOG = "policy.json", "catalog.json"


def packaged_policy() -> Policy:
    """The policy in the package."""
    package = files(OURS)
    built = package / POLICY
    if built.is_file():
        return policy_from(built.read_text("utf-8"))
    from nightcrew.admission.policy_file import load

    return load((package / "policy.yaml").read_text("utf-8"), "policy.yaml")


def packaged_catalog() -> Catalog:
    """The catalog of the package, and of the teams' packages beside it."""
    built = files(OURS) / CATALOG
    return catalog_from(built.read_text("utf-8")) if built.is_file() else Catalog.load()


def main(place: str) -> None:
    """Compile both. What is wrong with the policy is raised; a runbook that cannot be imported is told, and left out,
    with its error. Raises ValueError where the runbooks that Python finds are not those of ``place``.
    """
    from nightcrew.admission.policy_compiled import compiled as compiled_policy
    from nightcrew.admission.policy_file import load
    from nightcrew.authoring.catalog_compiled import compiled as compiled_catalog

    package = Path(place).resolve() / OURS
    if Path(str(files(OURS))).resolve() != package:
        raise ValueError(f"Python finds {files(OURS)}, and {package} was to be compiled: name {place} in PYTHONPATH")
    policy = load((package / "policy.yaml").read_text("utf-8"), "policy.yaml")
    catalog = Catalog.load(registered(str(package.parent)))
    for module, why in catalog.broken.items():
        sys.stderr.write(f"warning: {module} is left out, since it cannot be loaded: {why}\n")
    (package / POLICY).write_text(compiled_policy(policy), "utf-8")
    (package / CATALOG).write_text(compiled_catalog(catalog), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])

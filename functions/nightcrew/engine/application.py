"""The application's own word: where policy names a health URL, no run ends well before it answers."""

from dataclasses import replace
from datetime import timedelta

from nightcrew.authoring.live import LiveRun
from nightcrew.aws.cloud import Cloud
from nightcrew.aws.web import Page, answers


def prove_application(run: LiveRun, url: str, within: timedelta, web: Cloud) -> None:
    """Wait until the page answers with 200 to 299. Raises Ineffective where it does not in time.

    A proof of the runbook's own came before: what it names is AWS's view, and this is its users'.
    """
    own = run.work
    run.work = replace(own, cloud=web)
    try:
        run.prove(f"the application answers at {url}", Page(url), answers, within=within, pick=dict)
    finally:
        run.work = own

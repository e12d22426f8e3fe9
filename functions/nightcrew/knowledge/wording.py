"""What a person writes down for others, made fit to be kept for ever: plain text, not too long, and no secret."""

import re

from nightcrew.errors import BadInput

MOST_WORDS = 4000
"""Characters of a lesson: a page and a half. What is longer belongs into a document, and its address here."""

MOST_SYMPTOM = 500
"""Characters: DynamoDB takes 2,048 bytes as an index's key (source: its quotas)."""

# Controls, marks that turn the writing direction, and halves of characters, as a wrongly set terminal sends them.
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
_EMPTY_LINES = re.compile(r"\n(?:[ ]*\n){2,}")

_SECRETS = {
    # Prefixes of unique ids (IAM user guide, "IAM identifiers"): of people, of sessions, and of service credentials.
    "an AWS access key id": re.compile(r"(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}
_LONG_WORD = re.compile(r"(?<![A-Za-z0-9/+])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])")


def plain_text(text: str) -> str:
    """The text with a blank for each character that could steer a terminal; lines and tabs stay."""
    return _UNFIT.sub(" ", text)


def fit_words(text: str) -> str:
    """The words as they are kept: without control characters, and without blanks at the ends. Raises BadInput.

    What looks like a credential is refused: the ledger forgets nothing, and everybody who may read it would have it.
    The error does not repeat it.
    """
    lines = plain_text(text.replace("\r\n", "\n").replace("\t", "    ")).split("\n")
    words = _EMPTY_LINES.sub("\n\n", "\n".join(line.rstrip() for line in lines)).strip()
    if not words:
        raise BadInput("words", text[:40], "say in a sentence what the next one should know")
    if len(words) > MOST_WORDS:
        raise BadInput("words", f"{len(words)} characters", f"at most {MOST_WORDS}; link to what is longer")
    found = secret_in(words)
    if found is not None:
        raise BadInput("words", f"{found} (not shown)", "no secret goes into the ledger: it forgets nothing")
    return words


def one_line(text: str) -> str:
    """A symptom as lessons are kept and looked up under it: an alarm's name may have several blanks in a row."""
    return " ".join(plain_text(text).split())


def fit_symptom(text: str) -> str:
    """A symptom as a lesson names it, in one line. Raises BadInput."""
    symptom = one_line(text)
    if not symptom or len(symptom) > MOST_SYMPTOM:
        allowed = f"a symptom as `nightcrew history` shows it, of at most {MOST_SYMPTOM} characters"
        raise BadInput("symptom", text, allowed)
    return symptom


def secret_in(text: str) -> str | None:
    """What kind of credential a text seems to hold; None where it seems to hold none."""
    for what, pattern in _SECRETS.items():
        if pattern.search(text):
            return what
    # Forty characters, as a secret access key has them. A hash in hex has no capitals beside small letters.
    mixed = (
        word
        for word in _LONG_WORD.findall(text)
        if re.search("[a-z]", word) and re.search("[A-Z]", word) and re.search("[0-9]", word)
    )
    return "an AWS secret access key" if any(mixed) else None

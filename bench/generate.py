"""Larger knowledge bases for the benchmark: `python bench/generate.py FOLDER --times 10`.

A base of k × holds the records of `data/` and k - 1 copies of every study, each under an id of its
own: the spread over tumors, treatments, designs and levels stays as it is, and links between
reports lead to the copy. So most answers grow with the base. A few words do not occur in the
copies, where others take their place (`PUT_IN_PLACE`): a question about one of them has the same
answer at every size, and what it costs then is the cost of the size alone. The files pass the same
gate as those of `data/`.
"""

from __future__ import annotations

import argparse
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "data"
PUT_IN_PLACE = {"melanoma": "sarcoma", "osimertinib": "gefitinib", "pemetrexed": "topotecan"}
"""Words kept out of the copies, each with the one that stands there instead: both are ids, of a
tumor or of treatments of a class."""
_MARK = "\0"
_LINKS = re.compile(r"^(?:id|superseded_by) = .*$|^overlaps = \[[^\]]*\]$", re.M)
_IDENTIFIERS = re.compile(r"^(?:pmid|pmcid) = .*\n|^(?:nct|also_known_as) = \[[^\]]*\]\n", re.M)
_DOI = re.compile(r'^(doi = ".*)"$', re.M)
_WORDS = re.compile("|".join(PUT_IN_PLACE), re.I)


def grow(folder: Path, times: int, source: Path = DATA) -> None:
    """Make a base of `times` the studies of `source` in a new folder."""
    shutil.copytree(source, folder)
    if times < 2:
        return
    for path in sorted((source / "studies").glob("*.toml")):
        pattern = template(path.read_text(encoding="utf-8"))
        for number, text in copies(pattern, times):
            (folder / "studies" / f"{other_words(path.stem)}-x{number}.toml").write_text(
                text, encoding="utf-8"
            )


def template(text: str) -> str:
    """Return the text of a study with a mark wherever the number of the copy belongs, without the
    words that no copy holds.

    A copy names no record of a register: those numbers are used once, and the made-up DOI tells the
    copies apart.
    """
    head, evidence, rows = other_words(_IDENTIFIERS.sub("", text)).partition("[[evidence]]")
    head = _LINKS.sub(lambda match: re.sub(r'"([^"]+)"', rf'"\1-x{_MARK}"', match[0]), head)
    return _DOI.sub(rf'\1.x{_MARK}"', head) + evidence + rows


def copies(pattern: str, times: int) -> Iterator[tuple[int, str]]:
    """Yield the copies of a study beside the study itself, each with its number."""
    return ((number, pattern.replace(_MARK, str(number))) for number in range(2, times + 1))


def other_words(text: str) -> str:
    """Return a text in which no word stands that no copy holds."""
    return _WORDS.sub(lambda match: PUT_IN_PLACE[match[0].lower()], text)


def main() -> None:
    """Make a base where asked."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("folder", type=Path, help="new folder for the base")
    parser.add_argument(
        "--times", type=int, default=10, help="how often each study of data/ (default 10)"
    )
    chosen = parser.parse_args()
    grow(chosen.folder, chosen.times)


if __name__ == "__main__":
    main()

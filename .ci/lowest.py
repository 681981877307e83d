"""Print the lowest version of every dependency that pyproject.toml allows, one a line, for `pip install -c`.

`python .ci/lowest.py test` prints those of an extra too.
"""

import re
import sys
import tomllib
from pathlib import Path

project = tomllib.loads(
    (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
)["project"]
wanted = [
    *project["dependencies"],
    *(line for extra in sys.argv[1:] for line in project["optional-dependencies"][extra]),
]
for line in wanted:
    if found := re.match(r"([\w.-]+)>=([\d.]+)", line):
        print(f"{found[1]}=={found[2]}")

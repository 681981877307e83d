"""`python -m lmtx`."""

import sys

from lmtx.cli.run import main

sys.exit(main())

"""``python -m qualcode``: the command line without installing the script."""

import sys

from qualcode.cli import main

sys.exit(main())

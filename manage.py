#!/usr/bin/env python3
"""Every command of Meridian: `python3 manage.py up` starts it, `python3 manage.py help` lists the rest."""

import sys

from local.bootstrap import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

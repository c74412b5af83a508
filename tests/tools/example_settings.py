#!/usr/bin/env python3
"""A configuration file with every setting and what it is unless it is set.

usage: example_settings.py MNEME > OUT

From what `MNEME config list` prints, with nobody's settings.
"""
import json
import sys

from man_page import SETTING, run

HEAD = """\
# Settings of mneme.  Put those that shall be others, without the "#", into
# the file that `mneme config path` names, or let `mneme config set KEY VALUE`
# do it.  The environment goes first, the command line before that; those with
# a * may also be set for one person: `mneme profile set NAME KEY VALUE`.
"""


def main(mneme):
    own = {row["name"]: row["per_profile"] for row in
           json.loads("\n".join(run(mneme, "config", "list", "--json")))}
    print(HEAD, end="")
    for line in run(mneme, "config", "list"):
        name, value, what = SETTING.match(line).groups()
        print("\n# %s%s\n#%s=%s" % (what, " *" if own[name] else "", name,
                                    value))


if __name__ == "__main__":
    main(sys.argv[1])

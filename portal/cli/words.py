"""What the terminal reads: Chinese where the locale of the environment is Chinese, English everywhere else."""

import os
from collections.abc import Mapping


def is_chinese(environ: Mapping[str, str] | None = None) -> bool:
    """Tell whether the terminal reads Chinese (LC_ALL before LC_MESSAGES before LANG, as POSIX has it)."""
    variables = os.environ if environ is None else environ
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if variables.get(name):
            return variables[name].lower().startswith("zh")
    return False


def say(zh: str, en: str) -> str:
    """Return the text in the language of the terminal."""
    return zh if is_chinese() else en

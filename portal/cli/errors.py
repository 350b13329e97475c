"""Which errors are the operator's to mend, and how each reads in one line."""

import os

from portal.cli.words import say


def as_one_line(error: Exception) -> str | None:
    """Return the sentence for an expected error, or None for a bug, whose trace should be seen."""
    from sqlalchemy.exc import DBAPIError

    from kernel.keys import KeyProblem
    from kernel.problems import Problem
    from kernel.settings import SettingsError
    from portal.demo.worldfile import WorldFileError
    from portal.operations.errors import OperationError

    if isinstance(error, SettingsError):
        return "\n".join([say("设置有误:", "Settings are wrong:"), *(f"  {line}" for line in str(error).splitlines())])
    if isinstance(error, OperationError):
        return say(error.zh, error.en)
    if isinstance(error, WorldFileError):
        return say("演示文件有误,未载入任何内容:", "The demo file is wrong, nothing was loaded: ") + str(error)
    if isinstance(error, KeyProblem):
        return say("密钥有问题:", "Keys: ") + str(error)
    if isinstance(error, Problem):
        fields = "; ".join(f"{field.name}: {field.message}" for field in error.fields)
        return f"{error.detail}{' (' + fields + ')' if fields else ''}"
    if isinstance(error, DBAPIError):
        return say("数据库出错:", "Database: ") + " ".join(str(error.orig).split())
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {os.strerror(error.errno) if error.errno else error}"
    return None

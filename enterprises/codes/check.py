"""What a check of a code says: the code as it should be written, or what is wrong with it and where."""

from msgspec import Struct


class CodeCheck(Struct, frozen=True):
    """The outcome of checking one code.

    `code` is the normalised text, `position` the 1-based place of the wrong character where one can be told,
    `zh` and `en` say what is wrong; all three texts are empty of complaint when the code is right.
    """

    code: str
    zh: str = ""
    en: str = ""
    position: int | None = None
    suggestions: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Tell whether the code is right."""
        return not self.en

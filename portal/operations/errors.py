"""What an operator did, or must do, said in both languages."""


class OperationError(Exception):
    """An upkeep command cannot do what it was asked to; says why, and what helps."""

    def __init__(self, zh: str, en: str) -> None:
        self.zh, self.en = zh, en
        super().__init__(en)

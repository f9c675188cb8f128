"""The one way in which a request is turned away."""


class Refused(Exception):
    """The request is not one that we pass on. The message says why, and which setting would change that."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

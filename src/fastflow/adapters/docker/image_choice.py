"""What the executor and the toolbox ask about the image that containers are made from."""

from typing import Protocol

from fastflow.domain.ports import Readiness


class ImageChoice(Protocol):
    """Knows the image, once there is one."""

    @property
    def reference(self) -> str:
        """The image's id.

        Raises:
            Unavailable: `image_missing`; there is none yet, and the message says what is being done.
        """
        ...

    def readiness(self) -> Readiness:
        """Say whether there is one, or what is being done about it."""
        ...

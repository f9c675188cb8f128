"""Holds images against the list of allowed ones, by what the Engine knows of them."""

from fastflow.docker_proxy.answers import Image
from fastflow.docker_proxy.engine import Engine
from fastflow.docker_proxy.image_names import IMAGE_ID, familiar
from fastflow.docker_proxy.refusal import Refused


class AllowedImages:
    """Containers are made from ids, so that a name that is given to another image changes nothing.

    An id that once bore an allowed name stays allowed while the proxy runs: a server holds on to the image
    that it found when it started, also when a newer one was pulled under that name.
    """

    def __init__(self, engine: Engine, allowed: frozenset[str]) -> None:
        self._engine = engine
        self._allowed = frozenset(familiar(name) for name in allowed)
        self._ids: set[str] = set()

    def check_name(self, reference: str) -> None:
        """Return if that name is allowed.

        Raises:
            Refused: it is not.
        """
        if familiar(reference) not in self._allowed:
            raise Refused(
                f"image {reference} is not among {', '.join(sorted(self._allowed))} (FASTFLOW_PROXY_IMAGES)"
            )

    async def inspect(self, reference: str) -> Image:
        """Ask the Engine about an allowed image, named or by its id.

        Raises:
            Refused: it is not allowed. EngineSaid: there is no such image.
        """
        is_id = IMAGE_ID.fullmatch(reference) is not None
        if not is_id:
            self.check_name(reference)
        image = Image.model_validate_json(await self._engine.ask("GET", f"/images/{reference}/json"))
        if is_id and reference not in self._ids and not image.names & self._allowed:
            raise Refused(f"image {reference[:19]} bears none of the allowed names (FASTFLOW_PROXY_IMAGES)")
        self._ids.add(image.id)
        return image

    async def id_now(self, reference: str) -> str:
        """Return the id that the Engine has for an allowed image now.

        Raises:
            Refused, EngineSaid: as `inspect`.
        """
        return (await self.inspect(reference)).id

    async def id_of(self, reference: str) -> str:
        """Return the id of an allowed image.

        Raises:
            Refused, EngineSaid: as `inspect`.
        """
        return reference if reference in self._ids else (await self.inspect(reference)).id

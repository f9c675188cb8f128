"""Secrets: store, list, delete; encrypt for a manifest. No route returns a value."""

from typing import Annotated

from fastapi import APIRouter, Path, Query, Response

from fastflow.api.deps import UseServices
from fastflow.api.errors import problems
from fastflow.api.guard import GuardedRoute
from fastflow.api.schemas.secrets import (
    CiphertextView,
    EncryptSecret,
    PutSecret,
    RotateKeys,
    RotationView,
    SecretList,
    SecretView,
)

router = APIRouter(prefix="/api/secrets", tags=["secrets"], route_class=GuardedRoute)

Name = Annotated[str, Path(description="The secret's name, which is that of its variable.")]
PipelineName = Annotated[
    str | None, Query(description="The pipeline whose secret it is alone; left out: the one for all.")
]


@router.get("")
async def list_secrets(
    services: UseServices,
    pipeline_name: Annotated[
        str | None, Query(description="Only those that this pipeline may list: its own and the global ones.")
    ] = None,
) -> SecretList:
    """List the stored secrets: names, when they were written and used last, never values."""
    return SecretList.of(await services.secrets.every(pipeline_name))


@router.put(
    "/{name}",
    responses={**problems(422), 201: {"model": SecretView, "description": "It is new."}},
)
async def put_secret(
    name: Name, body: PutSecret, services: UseServices, response: Response, pipeline_name: PipelineName = None
) -> SecretView:
    """Store a value, in place of the one there was. Attempts that start from now on receive it."""
    row, is_new = await services.secrets.put(name, body.value, pipeline_name)
    response.status_code = 201 if is_new else 200
    return SecretView.of(row)


@router.delete("/{name}", responses=problems(404))
async def delete_secret(name: Name, services: UseServices, pipeline_name: PipelineName = None) -> SecretView:
    """Delete a secret; return what it was. Runs that list it are not started any more."""
    return SecretView.of(await services.secrets.remove(name, pipeline_name))


@router.post("/rotate", responses=problems(409, 503))
async def rotate_keys(services: UseServices, body: RotateKeys | None = None) -> RotationView:
    """Encrypt all that is stored with the newest key; of the installation's own keys, make one before.

    Interrupted, it goes on when it is asked for again. May take minutes where there are very many runs.
    """
    asked = body or RotateKeys()
    return RotationView.of(await services.rotation.rotate(drops_former_keys=asked.drops_former_keys))


@router.post("/encrypt", responses=problems(422))
async def encrypt_secret(body: EncryptSecret, services: UseServices) -> CiphertextView:
    """Encrypt a value for `encrypted_env` in a manifest. Nothing is stored."""
    return CiphertextView(ciphertext=services.secrets.encrypt(body.value))

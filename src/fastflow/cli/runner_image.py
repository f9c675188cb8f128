"""`fastflow runner-image`: gets the image of attempts ahead of the first start."""

from fastflow.cli.failures import failure_of
from fastflow.cli.options import examples
from fastflow.cli.output import emit, say
from fastflow.cli.server_settings import read_settings
from fastflow.cli.session import run_async
from fastflow.domain.errors import FastFlowError

EXAMPLES = examples(
    "fastflow runner-image", "FASTFLOW_RUNNER_IMAGE=registry.example/runner:1 fastflow runner-image"
)


def runner_image() -> None:
    """Make sure that the image of attempts is there.

    It is pulled, or built from Debian packages where no registry answers. `fastflow up` does the same.
    """
    settings = read_settings({})
    from fastflow.main.runner_image import make_runner_image_ready

    try:
        emit(run_async(make_runner_image_ready(settings, say)))
    except FastFlowError as error:
        raise failure_of(error) from error

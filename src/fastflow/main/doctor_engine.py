"""Looks at the Docker Engine: whether it answers, its clock, the image of attempts and their network."""

from datetime import UTC, datetime, timedelta
from typing import Final

from pydantic import AwareDatetime, BaseModel, Field

from fastflow.adapters.docker.engine import Engine
from fastflow.adapters.docker.runner_image import RunnerImage
from fastflow.domain.errors import FastFlowError
from fastflow.domain.finding import Finding, Verdict
from fastflow.main.doctor_network import examine_network
from fastflow.settings import Settings

CLOCK_MAY_DIFFER: Final = timedelta(seconds=2)
_LIMIT: Final = timedelta(seconds=10)
_SOON: Final = timedelta(seconds=2)
_START: Final = "Start Docker, or set EXECUTOR=process to do without."


class _Information(BaseModel):
    """What `GET /info` says (Engine API 1.40 and later)."""

    server_version: str = Field(alias="ServerVersion")
    cgroup_version: str = Field("1", alias="CgroupVersion")
    system_time: AwareDatetime = Field(alias="SystemTime")


async def examine_engine(settings: Settings) -> list[Finding]:
    """Examine the Engine that the settings name; one that is not needed can't fail."""
    if settings.executor == "process":
        message = "Not asked for: EXECUTOR is process, so attempts are not isolated."
        return [Finding("engine", Verdict.WARN, message, "Set EXECUTOR=auto and start Docker.")]
    is_needed = settings.executor == "docker"
    try:
        engine = Engine(settings.docker_proxy_url)
    except FastFlowError as error:
        return [Finding("engine", Verdict.FAIL, error.message, _START)]
    try:
        asked_at = datetime.now(UTC)
        answer = await engine.call("GET", "/info", time_limit=_LIMIT)
        information = _Information.model_validate_json(answer)
        proxy = await engine.proxy()
        return [
            Finding(
                "engine",
                Verdict.OK,
                f"Docker Engine {information.server_version} (API {await engine.version()}, "
                f"cgroup v{information.cgroup_version}) answers at {engine.address}"
                + (f", behind fastflow docker-proxy {proxy}." if proxy else "."),
            ),
            _examine_clock(information.system_time, asked_at, datetime.now(UTC)),
            await _examine_image(engine, settings.runner_image),
            await examine_network(engine, settings),
        ]
    except FastFlowError as error:
        verdict = Verdict.FAIL if is_needed else Verdict.WARN
        without = "" if is_needed else " Attempts would run as local processes, not isolated."
        return [Finding("engine", verdict, f"{error.message}{without}", _START)]
    finally:
        await engine.close()


async def engine_version(settings: Settings) -> str | None:
    """Return the version of the Engine; None where none answers soon."""
    engine = Engine(settings.docker_proxy_url)
    try:
        answer = await engine.call("GET", "/info", time_limit=_SOON)
        return _Information.model_validate_json(answer).server_version
    except FastFlowError:
        return None
    finally:
        await engine.close()


def _examine_clock(theirs: datetime, asked_at: datetime, answered_at: datetime) -> Finding:
    """Compare clocks; the Engine looked at its own some time between question and answer."""
    difference = max(asked_at - theirs, theirs - answered_at, timedelta())
    if difference > CLOCK_MAY_DIFFER:
        return Finding(
            "clock",
            Verdict.WARN,
            f"The Engine's clock differs by {difference.total_seconds():.0f} s; times of logs will be wrong.",
            "Let both machines follow a time server (chrony, systemd-timesyncd).",
        )
    return Finding("clock", Verdict.OK, "The Engine's clock agrees with ours.")


async def _examine_image(engine: Engine, wanted: str) -> Finding:
    image = RunnerImage(engine, wanted)
    if await image.find():
        return Finding("runner image", Verdict.OK, image.readiness().message)
    remedy = "Get it now with `fastflow runner-image`; `fastflow up` does so too."
    return Finding("runner image", Verdict.WARN, f"{wanted or 'The runner image'} is not there yet.", remedy)

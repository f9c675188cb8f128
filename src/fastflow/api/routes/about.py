"""What the server is made of, and how its machine does."""

from fastapi import APIRouter

from fastflow.api.deps import UseServices
from fastflow.api.guard import GuardedRoute
from fastflow.api.routes.system import VERSION
from fastflow.api.schemas.about import AboutView, DoctorView
from fastflow.domain.actor import acting
from fastflow.domain.role import Role

router = APIRouter(prefix="/api", tags=["system"], route_class=GuardedRoute)


@router.get("/about")
async def get_about(services: UseServices) -> AboutView:
    """Say which versions run here, since when, and how much is stored."""
    return AboutView.of(await services.pages.about.facts(), VERSION)


@router.get("/about/doctor")
async def get_doctor_report(services: UseServices) -> DoctorView:
    """Examine the server's machine as `fastflow doctor` does; only admins get more than the verdicts."""
    role = acting.get().role
    return DoctorView.of(
        await services.pages.about.report(), with_words=role is not None and role.includes(Role.ADMIN)
    )

"""Git repositories that pipelines come from, and the GitHub Apps that open them."""

from collections.abc import Sequence

from sqlmodel import Session, case, col, select

from fastflow.domain.repository import RepositoryOrigin
from fastflow.store.tables import GitHubAppRow, RepositoryRow


def every(session: Session) -> Sequence[RepositoryRow]:
    """Return all in their order of precedence: those of the settings first, then by creation."""
    by_origin = case((col(RepositoryRow.origin) == RepositoryOrigin.SETTINGS, 0), else_=1)
    return session.exec(select(RepositoryRow).order_by(by_origin, col(RepositoryRow.id))).all()


def get(session: Session, repository_id: str) -> RepositoryRow | None:
    """Return the repository of that id."""
    return session.get(RepositoryRow, repository_id)


def named(session: Session, name: str) -> RepositoryRow | None:
    """Return the repository of that name."""
    return session.exec(select(RepositoryRow).where(col(RepositoryRow.name) == name)).first()


def add(session: Session, row: RepositoryRow) -> None:
    """Insert a repository; its name must be free."""
    session.add(row)
    session.flush()


def remove(session: Session, row: RepositoryRow) -> None:
    """Delete a repository; its syncs, and the runs of its pipelines, stay."""
    session.delete(row)
    session.flush()


def opened_by(session: Session, app: str) -> Sequence[str]:
    """Return the names of the repositories that a GitHub App opens."""
    query = select(RepositoryRow.name).where(col(RepositoryRow.github_app) == app)
    return session.exec(query.order_by(col(RepositoryRow.name))).all()


def every_app(session: Session) -> Sequence[GitHubAppRow]:
    """Return all GitHub Apps by name."""
    return session.exec(select(GitHubAppRow).order_by(col(GitHubAppRow.name))).all()


def app(session: Session, name: str) -> GitHubAppRow | None:
    """Return the GitHub App of that name."""
    return session.get(GitHubAppRow, name)


def add_app(session: Session, row: GitHubAppRow) -> None:
    """Insert a GitHub App; its name must be free."""
    session.add(row)
    session.flush()


def remove_app(session: Session, row: GitHubAppRow) -> None:
    """Delete a GitHub App; no repository may need it any more."""
    session.delete(row)
    session.flush()

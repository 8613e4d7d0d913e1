"""The code that proves to a new installation that its visitor runs the server."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db import Base, Pk, PublicId


class InstallationCode(Base):
    """The one code at work, hashed; each start of the server replaces it, the first administrator ends it."""

    __tablename__ = "installation_code"

    id: Mapped[Pk]
    public_id: Mapped[PublicId]  # what a browser keeps once it has shown the code
    code_hash: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

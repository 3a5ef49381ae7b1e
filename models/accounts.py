"""Accounts and roles: who may sign in, and as what."""

from datetime import datetime
from typing import Any

from flask_security.core import RoleMixin, UserMixin
from sqlalchemy import JSON, BigInteger, Boolean, CheckConstraint, ForeignKey, Integer, String, Text
from sqlalchemy.ext.mutable import MutableList
from sqlalchemy.orm import Mapped, mapped_column, relationship

from models.base import Base, Pk, Stamped

STAFF_ROLE_NAMES = frozenset({"administrator", "school_agent", "regisseur", "activity_leader"})


class UserRole(Base):
    """An account holds a role."""

    __tablename__ = "user_role"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    role_id: Mapped[int] = mapped_column(ForeignKey("role.id", ondelete="CASCADE"), primary_key=True)


class Role(Base, RoleMixin):
    """A role: administrator, school_agent, regisseur, activity_leader or parent."""

    __tablename__ = "role"

    id: Mapped[Pk]
    name: Mapped[str] = mapped_column(String(40), unique=True)
    description: Mapped[str] = mapped_column(String(200), default="")

    def __str__(self) -> str:
        return self.description or self.name


class StaffSite(Base):
    """A member of staff works at a site, and sees its children; without any row, at all sites."""

    __tablename__ = "staff_site"

    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), primary_key=True)
    site_id: Mapped[int] = mapped_column(ForeignKey("site.id", ondelete="CASCADE"), primary_key=True)


class UserSession(Base):
    """A browser in which an account is signed in; ended by signing out, or from another browser."""

    __tablename__ = "user_session"

    id: Mapped[Pk]
    user_id: Mapped[int] = mapped_column(ForeignKey("user.id", ondelete="CASCADE"), index=True)
    # SHA-256 of the key that the browser's cookie holds.
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ip: Mapped[str] = mapped_column(String(64), default="")
    browser: Mapped[str] = mapped_column(String(300), default="")


class User(Base, Stamped, UserMixin):
    """A person who may sign in, with the e-mail or with the code famille (``username``)."""

    __tablename__ = "user"
    __table_args__ = (CheckConstraint("email = lower(email)", name="email_lower"),)

    id: Mapped[Pk]
    email: Mapped[str] = mapped_column(String(254), unique=True)
    # The code famille, for the one adult of the family that signs in with it.
    username: Mapped[str | None] = mapped_column(String(20), unique=True)
    display_name: Mapped[str] = mapped_column(String(160), default="")
    password: Mapped[str | None] = mapped_column(String(255))
    active: Mapped[bool] = mapped_column(Boolean, default=True)
    fs_uniquifier: Mapped[str] = mapped_column(String(64), unique=True)
    confirmed_at: Mapped[datetime | None]
    create_datetime: Mapped[datetime | None]
    update_datetime: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]
    current_login_at: Mapped[datetime | None]
    last_login_ip: Mapped[str | None] = mapped_column(String(64))
    current_login_ip: Mapped[str | None] = mapped_column(String(64))
    login_count: Mapped[int | None] = mapped_column(Integer, default=0)
    failed_sign_ins: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None]
    tf_primary_method: Mapped[str | None] = mapped_column(String(64))
    tf_totp_secret: Mapped[str | None] = mapped_column(String(255))
    tf_phone_number: Mapped[str | None] = mapped_column(String(128))
    # The time step of the last code taken: each code serves once.
    tf_last_counter: Mapped[int | None] = mapped_column(BigInteger)
    # A list that tells when it changes: a recovery code taken out of it must not serve again.
    mf_recovery_codes: Mapped[Any | None] = mapped_column(MutableList.as_mutable(JSON()))
    # An address typed but not yet confirmed by its link.
    pending_email: Mapped[str | None] = mapped_column(String(254))
    notes: Mapped[str] = mapped_column(Text, default="")
    # The code of the language that the person chose, e.g. "en"; empty until then, which is French.
    language: Mapped[str] = mapped_column(String(8), default="")
    # Whether a single key acts in the back office: who dictates, or touches keys by mistake, turns that off.
    uses_shortcuts: Mapped[bool] = mapped_column(Boolean, default=True)

    roles: Mapped[list[Role]] = relationship(secondary="user_role", lazy="selectin")

    @property
    def role_names(self) -> frozenset[str]:
        """The names of the account's roles."""
        return frozenset(role.name for role in self.roles)

    @property
    def is_staff(self) -> bool:
        """Whether the account belongs to someone who works for the town."""
        return bool(self.role_names & STAFF_ROLE_NAMES)

    @property
    def has_second_factor(self) -> bool:
        """Whether signing in also asks for a code of the telephone."""
        return bool(self.tf_primary_method and self.tf_totp_secret)

    def check_tf_required(
        self, tf_setup_methods: list[tuple[str, str]], tf_fresh: bool
    ) -> tuple[bool, list[tuple[str, str]]]:
        """Ask staff for a second factor by setting; ask anybody who has turned it on."""
        if not self.is_staff and not tf_setup_methods:
            return False, tf_setup_methods
        return super().check_tf_required(tf_setup_methods, tf_fresh)

    def check_tf_required_setup(self) -> bool:
        """Return whether this account may not turn the second factor off."""
        return self.is_staff and super().check_tf_required_setup()

    def __str__(self) -> str:
        return self.display_name or self.email

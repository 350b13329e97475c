"""What the forms of the shell carry."""

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

ShortText = Annotated[str, Meta(max_length=120)]
Secret = Annotated[str, Meta(max_length=1024)]
Code = Annotated[str, Meta(max_length=8)]
Address = Annotated[str, Meta(max_length=2000)]


class LoginForm(Struct):
    """Who somebody says they are, and where they wanted to go."""

    login: ShortText
    password: Secret
    next: Address = ""


class CodeForm(Struct):
    """The six digits of the second factor."""

    code: Code
    next: Address = ""


class EnrolmentForm(Struct):
    """A fresh secret, confirmed with its first code."""

    secret: Annotated[str, Meta(max_length=64)]
    code: Code
    next: Address = ""


class PreferencesForm(Struct):
    """A choice of language or colours, and the page to go back to."""

    language: Literal["zh", "en"] | None = None
    theme: Literal["auto", "light", "dark"] | None = None
    back: Address = "/"


class ProfileForm(Struct):
    """What people may change about themselves."""

    name: Annotated[str, Meta(min_length=1, max_length=80)]
    locale: Literal["zh_CN", "en"]


class PasswordForm(Struct):
    """A change of password; the new one is typed twice because it cannot be seen."""

    present: Secret
    new: Secret
    repeated: Secret


class OrganisationForm(Struct):
    """The organisation to act for from now on."""

    organisation_id: UUID


class EmptyForm(Struct):
    """A form that is only a button."""

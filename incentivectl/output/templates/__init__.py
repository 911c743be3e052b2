"""The pages' templates; everything that is put into them is escaped and legible."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from incentivectl.core.safe_text import legible

if TYPE_CHECKING:
    from jinja2 import Environment, Template


def _legible(value: object) -> object:
    """Texts without control signs or turned order, as on a terminal; what a macro made stays."""
    from markupsafe import Markup

    return legible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_legible,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def template(name: str) -> "Template":
    """The template of a page."""
    return _environment().get_template(name)

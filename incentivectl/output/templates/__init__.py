"""The pages' templates; everything that is put into them is escaped and legible."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from incentivectl.core.safe_text import legible

if TYPE_CHECKING:
    from jinja2 import Environment, Template


@cache
def _environment() -> "Environment":
    from jinja2 import Environment, FileSystemLoader, StrictUndefined
    from markupsafe import Markup

    def as_legible(value: object) -> object:
        """Texts without control signs or turned order, as on a terminal; what a macro made stays."""
        return legible(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    return Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=as_legible,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )


def template(name: str) -> "Template":
    """The template of a page."""
    return _environment().get_template(name)

"""The guides' files: Markdown under docs/guides, a folder a guide, a file a page, a section a task."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from PIL import Image

from domain.guides.rules import Guide, GuidePage, GuideSection, plain

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "docs" / "guides"
PICTURES = ROOT / "static" / "guides"
# A picture of a telephone is taken at twice its size, to be sharp.
TELEPHONE = "tel-"
_SPACE_BEFORE = re.compile(r" ([;:!?»€])")


class Links(Protocol):
    """Where the links of a guide lead, in the place where it is shown."""

    def page(self, guide: str, slug: str, anchor: str) -> str:
        """Return the address of a page of a guide; without a guide, that of the one being read."""

    def place(self, path: str) -> str:
        """Return the address of a page of the portal, written in the guide as ``/factures``."""

    def picture(self, name: str) -> str:
        """Return the address of a picture of static/guides."""


@dataclass(frozen=True)
class _Heading:
    title: str
    lines: list[str]


def guide_files(folder: Path = FOLDER) -> dict[str, list[Path]]:
    """Return the files of each guide, in the order of their numbers."""
    return {one.name: sorted(one.glob("*.md")) for one in sorted(folder.iterdir()) if one.is_dir()}


def read_guide(key: str, links: Links, folder: Path = FOLDER) -> Guide:
    """Return a guide, its text as HTML for the place that ``links`` know."""
    return Guide(key, tuple(_page(key, path, links) for path in guide_files(folder)[key]))


def slug_of(path: Path) -> str:
    """Return a page's name in addresses: its file's, without the number that orders it."""
    return re.sub(r"^\d+-", "", path.stem)


def anchor_of(title: str) -> str:
    """Return a section's name in addresses."""
    return re.sub(r"[^a-z0-9]+", "-", plain(title)).strip("-")


def _page(guide: str, path: Path, links: Links) -> GuidePage:
    first, *others = _headings(path.read_text(encoding="utf-8"))
    markdown = _markdown(guide, links)
    lead = "\n".join(first.lines)
    return GuidePage(
        slug=slug_of(path),
        title=_typographic(first.title),
        lead=_words(markdown, lead),
        html=markdown.render(lead),
        sections=tuple(_section(markdown, one) for one in others),
    )


def _headings(source: str) -> list[_Heading]:
    """Cut a file at its title and at the titles of its sections."""
    found: list[_Heading] = []
    for line in source.splitlines():
        match = re.match(r"##? (.+)", line)
        if match:
            found.append(_Heading(match[1].strip(), []))
        elif found:
            found[-1].lines.append(line)
    return found


def _section(markdown: MarkdownIt, heading: _Heading) -> GuideSection:
    source = "\n".join(heading.lines)
    title = _typographic(heading.title)
    return GuideSection(anchor_of(heading.title), title, markdown.render(source), _words(markdown, source))


def _words(markdown: MarkdownIt, source: str) -> str:
    """Return the words of a text, without its marks and its pictures."""
    parts = []
    for token in markdown.parse(source):
        if token.type == "inline":
            parts.append("".join(map(_spoken, token.children or ())))
        elif token.type == "fence":
            parts.append(token.content)
    return " ".join(" ".join(parts).split())


def _spoken(token: Token) -> str:
    """Return the words of a piece of a line; a picture has none."""
    if token.type == "image":
        return ""
    return " " if token.type == "softbreak" else token.content


def _typographic(text: str) -> str:
    """Put no-break spaces and curly apostrophes where French has them."""
    return _SPACE_BEFORE.sub("\u00a0\\1", text.replace("'", "’")).replace("« ", "«\u00a0")


def _markdown(guide: str, links: Links) -> MarkdownIt:
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.core.ruler.push("french", _french)
    markdown.core.ruler.push("figures", _figures)

    def link_open(
        renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, _env: Any
    ) -> str:
        token = tokens[place]
        token.attrSet("href", _address(str(token.attrGet("href")), guide, links))
        return renderer.renderToken(tokens, place, options, {})

    def image(renderer: RendererHTML, tokens: Sequence[Token], place: int, options: Any, env: Any) -> str:
        token = tokens[place]
        name = Path(str(token.attrGet("src"))).name
        width, height = _size(name)
        token.attrs = {
            "src": links.picture(name),
            "alt": renderer.renderInlineAsText(token.children, options, env),
            "width": width,
            "height": height,
            "loading": "lazy",
        }
        kind = "telephone" if name.startswith(TELEPHONE) else "screen"
        return f'<figure class="{kind}">{renderer.renderToken(tokens, place, options, env)}</figure>'

    markdown.add_render_rule("link_open", link_open)
    markdown.add_render_rule("image", image)
    markdown.add_render_rule(
        "table_open", lambda *_: '<div class="scroll" tabindex="0"><table class="table">\n'
    )
    markdown.add_render_rule("table_close", lambda *_: "</table></div>\n")
    return markdown


def _french(state: Any) -> None:
    """Mend the spaces and apostrophes of the text, never of code."""
    for token in state.tokens:
        for child in token.children or ():
            if child.type == "text":
                child.content = _typographic(child.content)


def _figures(state: Any) -> None:
    """Let a picture that stands alone be no paragraph."""
    for before, token, after in zip(state.tokens, state.tokens[1:], state.tokens[2:], strict=False):
        children = token.children or []
        if token.type == "inline" and len(children) == 1 and children[0].type == "image":
            before.hidden = after.hidden = True


def _address(href: str, guide: str, links: Links) -> str:
    """Return where a link of a guide leads: to a page of a guide, to the portal, or out."""
    if href.startswith("/"):
        return links.place(href)
    if re.match(r"[a-z]+:", href):
        return href
    path, _, anchor = href.partition("#")
    if not path:
        return f"#{anchor}"
    other = path.split("/")[-2] if "/" in path else guide
    return links.page(other, slug_of(Path(path)), anchor)


@lru_cache(maxsize=256)
def _size(name: str) -> tuple[int, int]:
    """Return the size at which a picture is shown."""
    with Image.open(PICTURES / name) as picture:
        width, height = picture.size
    return (width // 2, height // 2) if name.startswith(TELEPHONE) else (width, height)

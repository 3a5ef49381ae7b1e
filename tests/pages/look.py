"""Pages in a real browser: axe's faults, and what does not fit a narrow screen."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from playwright.sync_api import Browser, Page
from werkzeug.serving import make_server

from tests.pages.found import FoundPage, as_reader
from tests.support.axe import violations
from tests.support.world import World

WIDE, NARROW = 1280, 320
HEIGHT = 800
ZOOMED = WIDE // 2  # what a page has left at 200 %


@dataclass(frozen=True)
class Mode:
    """How a page is looked at."""

    name: str
    width: int
    scheme: str


MODES = (Mode("light", WIDE, "light"), Mode("dark", WIDE, "dark"), Mode("320 px", NARROW, "light"))
# What axe leaves out unless it is asked: targets of 24 px, with the exceptions of WCAG 2.5.8.
AXE = {"rules": {"target-size": {"enabled": True}}}
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
# Each element that the Tab key may reach, focused in turn: it, or what holds it, must have an outline.
UNSEEN_FOCUS = """() => {
  const reached = "a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex='0']";
  const outlined = (node) => {
    const style = getComputedStyle(node);
    return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  };
  const lost = [];
  for (const node of document.querySelectorAll(reached)) {
    if (!node.checkVisibility({visibilityProperty: true}) || node.disabled) continue;
    node.focus({preventScroll: true});
    if (document.activeElement !== node) continue;
    const held = [node, node.parentElement, node.closest("label")].filter(Boolean);
    if (!held.some(outlined)) lost.push(node.outerHTML.slice(0, 120));
  }
  document.activeElement.blur();
  return lost;
}"""
MOVES = "document.getAnimations().filter((one) => one.playState === 'running').length"


@contextmanager
def served(world: World) -> Iterator[str]:
    """Serve the world's portal from this process, whose clock is the world's; give its address."""
    with served_app(world.app) as url:
        yield url


@contextmanager
def served_app(app: Flask) -> Iterator[str]:
    """Serve a portal from this process; give its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Looker:
    """A browser in front of a world: one window for each reader."""

    def __init__(self, browser: Browser, world: World, url: str) -> None:
        self._browser, self._world, self._url = browser, world, url
        self._windows: dict[str, Page] = {}

    def faults(self, page: FoundPage, modes: tuple[Mode, ...] = MODES) -> list[str]:
        """Return what is wrong with a page, each in a line that names the page."""
        window = self._window(page.reader)
        answer = window.goto(self._url + page.path)
        found = [] if answer is not None and answer.ok else [f"{page.path}: did not open"]
        for mode in modes:
            window.set_viewport_size({"width": mode.width, "height": HEIGHT})
            window.emulate_media(color_scheme=mode.scheme, reduced_motion="reduce")
            found += [f"{page.path} ({mode.name}): {fault}" for fault in self._look(window, mode)]
        found += [f"{page.path}: {fault}" for fault in self._use(window)]
        return found

    def close(self) -> None:
        """Close every window."""
        for window in self._windows.values():
            window.context.close()

    def _look(self, window: Page, mode: Mode) -> list[str]:
        # As tall as the page: what stays at the foot of a small window would hide a part of what it passes over.
        height = max(HEIGHT, window.evaluate("document.documentElement.scrollHeight"))
        window.set_viewport_size({"width": mode.width, "height": height})
        found = [
            f"{fault['id']}: {fault['help']}: {[node['html'] for node in fault['nodes']][:2]}"
            for fault in violations(window, AXE)
        ]
        if mode.width == NARROW and not window.evaluate(FITS):
            found.append("is wider than the screen")
        return found

    def _use(self, window: Page) -> list[str]:
        """Return what is wrong for who zooms, wants no motion, or sees by the focus where they are."""
        window.set_viewport_size({"width": ZOOMED, "height": HEIGHT // 2})
        found = [] if window.evaluate(FITS) else ["is wider than the screen at 200 %"]
        if window.evaluate(MOVES):
            found.append("moves although no motion is wanted")
        found += [f"the focus is not seen on {node}" for node in window.evaluate(UNSEEN_FOCUS)]
        return found

    def _window(self, reader: str) -> Page:
        if reader not in self._windows:
            context = self._browser.new_context(locale="fr-FR")
            if reader:
                cookie = as_reader(self._world, reader).client.get_cookie("session")
                context.add_cookies([{"name": "session", "value": cookie.value, "url": self._url}])
            self._windows[reader] = context.new_page()
        return self._windows[reader]

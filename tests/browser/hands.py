"""Two ways to use a page: by keyboard alone, and with a mouse where no script runs."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from playwright.sync_api import Browser, Locator, Page

MOST_TABS = 250
OUTLINED = """(node) => [node, node.parentElement, node.closest("label")].some((one) => {
  if (!one) return false;
  const style = getComputedStyle(one);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
})"""
ON_SCREEN = """(node) => {
  const box = node.getBoundingClientRect();
  return box.bottom > 0 && box.top < innerHeight;
}"""


class Hands(Protocol):
    """What a person does with a page."""

    page: Page

    def press(self, target: Locator) -> None:
        """Follow a link or push a button."""

    def write(self, target: Locator, text: str) -> None:
        """Type into a field, over what it holds."""

    def tick(self, target: Locator) -> None:
        """Turn a checkbox, or choose a radio button."""

    def give(self, target: Locator, file: Path) -> None:
        """Choose a file."""


@contextmanager
def arriving(page: Page, target: Locator) -> Iterator[None]:
    """Wait until the page that a press leads to has come; a summary opens where it is."""
    if target.evaluate("(node) => node.tagName") == "SUMMARY":
        yield
        return
    with page.expect_event("framenavigated"):
        yield
    page.wait_for_load_state()


class Keyboard:
    """Reaches everything by Tab, and sees each time where the focus is."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        """Reach it, then Enter."""
        self.reach(target)
        with arriving(self.page, target):
            self.page.keyboard.press("Enter")

    def write(self, target: Locator, text: str) -> None:
        """Reach it, then type."""
        self.reach(target)
        if target.get_attribute("type") == "date":
            year, month, day = text.split("-")
            self.page.keyboard.type(f"{day}{month}{year}")
            return
        self.page.keyboard.press("Control+A")
        self.page.keyboard.type(text)

    def tick(self, target: Locator) -> None:
        """Reach it, then Space; within a group of radio buttons, the arrows."""
        if target.get_attribute("type") != "radio":
            self.reach(target)
            self.page.keyboard.press("Space")
            return
        name = target.get_attribute("name")
        self._tab_until(lambda: self.page.evaluate("document.activeElement.name") == name)
        for _ in range(20):
            if target.is_checked():
                return
            self.page.keyboard.press("ArrowDown")
        raise AssertionError(f"no arrow leads to {target}")

    def give(self, target: Locator, file: Path) -> None:
        """Reach the field; the file dialog belongs to the browser."""
        self.reach(target)
        target.set_input_files(file)

    def reach(self, target: Locator) -> None:
        """Press Tab until the target has the focus; it must be seen, on the screen."""
        target.wait_for(state="attached")
        node = target.element_handle()
        self._tab_until(lambda: self.page.evaluate("(node) => document.activeElement === node", node))
        assert self.page.evaluate(OUTLINED, node), f"the focus is not seen on {target}"
        assert self.page.evaluate(ON_SCREEN, node), f"the focus is off the screen on {target}"

    def _tab_until(self, is_there: object) -> None:
        for _ in range(MOST_TABS):
            if is_there():  # type: ignore[operator]
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"Tab does not lead there on {self.page.url}")


class PlainMouse:
    """Clicks, in a browser that runs no script."""

    def __init__(self, page: Page) -> None:
        self.page = page

    def press(self, target: Locator) -> None:
        """Click."""
        with arriving(self.page, target):
            target.click()

    def write(self, target: Locator, text: str) -> None:
        """Fill."""
        target.fill(text)

    def tick(self, target: Locator) -> None:
        """Click the box."""
        target.click()

    def give(self, target: Locator, file: Path) -> None:
        """Choose the file."""
        target.set_input_files(file)


@contextmanager
def hands_of(browser: Browser, kind: type[Keyboard] | type[PlainMouse]) -> Iterator[Hands]:
    """Give somebody's hands on a fresh browser."""
    context = browser.new_context(
        locale="fr-FR",
        viewport={"width": 1280, "height": 900},
        java_script_enabled=kind is Keyboard,
        reduced_motion="reduce",
    )
    context.set_default_timeout(30_000)
    yield kind(context.new_page())
    context.close()

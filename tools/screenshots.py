"""Takes the screenshots of the README from a new demo in a real browser (`make screenshots`)."""

import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tools.browser import launch_args

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "screenshots"
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}


@contextmanager
def demo_server() -> Iterator[str]:
    """Serve a newly created demo on a free port; needs DATABASE_URL and REDIS_URL."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://localhost:{port}"
    with tempfile.TemporaryDirectory() as data:
        env = os.environ | {"DEMO": "1", "DEBUG": "1", "SITE_URL": url, "DATA_DIR": data, "PYTHONPATH": str(ROOT)}
        for command in (["migrate", "-v0"], ["demo_data", "--seed", "1"]):
            subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=env, check=True)
        command = [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"]
        server = subprocess.Popen(command, cwd=ROOT, env=env, stderr=subprocess.DEVNULL)
        try:
            for _ in range(100):
                try:
                    urllib.request.urlopen(f"{url}/healthz", timeout=5)
                    break
                except OSError:
                    time.sleep(0.1)
            yield url
        finally:
            server.terminate()
            server.wait(20)


def new_page(browser: Browser, size: dict[str, int], scheme: str = "light") -> Page:
    context = browser.new_context(viewport=size, color_scheme=scheme, locale="nl-NL", timezone_id="Europe/Amsterdam")  # type: ignore[arg-type]
    return context.new_page()


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    page.screenshot(path=TARGET / f"{name}.png", full_page=whole)
    print(f"  {name}.png")


def sign_in_as(page: Page, url: str, key: str) -> None:
    """Sign in as a member of the cast with the button on the demo page."""
    page.goto(f"{url}/demo/")
    page.locator(f"form:has(input[value='{key}']) button, form[action*='{key}'] button").first.click()
    page.wait_for_load_state()


def main() -> None:
    """Take all screenshots."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with demo_server() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_args())
        page = new_page(browser, PHONE)
        page.goto(f"{url}/?bij=Hengelo")
        shoot(page, "home-phone")
        page.goto(f"{url}/agenda/?bij=Hengelo")
        page.locator("a[href*='/bijeenkomsten/']").first.click()
        shoot(page, "date-phone")
        page = new_page(browser, DESK)
        page.goto(f"{url}/agenda/?bij=Hengelo")
        shoot(page, "agenda-desk")
        page = new_page(browser, DESK, "dark")
        page.goto(f"{url}/agenda/?bij=Brummen")
        shoot(page, "agenda-desk-dark")
        page = new_page(browser, PHONE)
        sign_in_as(page, url, "marieke.hengelo")
        page.goto(f"{url}/gastvrouw/")
        page.locator("main a[href^='/gastvrouw/']").first.click()
        shoot(page, "door-phone")
        page = new_page(browser, DESK)
        sign_in_as(page, url, "robert.hengelo")
        page.goto(f"{url}/inzicht/hengelo/")
        shoot(page, "insight-desk")
        browser.close()


if __name__ == "__main__":
    main()

"""Draw the pictures that chats show beside a link to an idea: static/img/ideas/*.svg as PNG, on a checked cloth.

Run after changing a drawing: `.venv/bin/python tools/preview_images.py` (needs Chromium).
"""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IDEAS = Path(__file__).resolve().parent.parent / "static" / "img" / "ideas"
WIDTH, HEIGHT = 1200, 630  # what WhatsApp, Signal and the like ask for
PAGE = """<!doctype html><style>
body {{ margin: 0; width: 1200px; height: 630px; display: grid; place-items: end center; background-color: #fbe6cf;
  background-image: linear-gradient(90deg, #f2a65a55 50%, transparent 50%),
    linear-gradient(#f2a65a55 50%, transparent 50%);
  background-size: 70px 70px; }}
svg {{ width: 560px; height: 560px; }}
</style>{drawing}"""
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip


def main() -> int:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        for source in sorted(IDEAS.glob("*.svg")):
            page.set_content(PAGE.format(drawing=source.read_text()))
            page.screenshot(path=source.with_suffix(".png"))
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Write demo/data/brummen.png: a fictional logo for one of the demo towns."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tools.browser import launch_args

TARGET = Path(__file__).resolve().parent.parent / "demo" / "data" / "brummen.png"
WIDTH, HEIGHT = 372, 128
LOGO = f"""
<body style="margin: 0; background: transparent">
<svg width="{WIDTH}" height="{HEIGHT}" viewBox="0 0 372 128" style="display: block">
  <path d="M10 66 66 16l56 50" fill="none" stroke="#7a3b0c" stroke-width="12"
    stroke-linecap="round" stroke-linejoin="round"/>
  <circle cx="51" cy="67" r="13" fill="#7a3b0c"/><path d="M29 116a22 26 0 0 1 44 0z" fill="#7a3b0c"/>
  <circle cx="88" cy="82" r="9.5" fill="#e08a3c"/><path d="M72 116a16 19 0 0 1 32 0z" fill="#e08a3c"/>
  <g font-family="DejaVu Sans" fill="#3b1d06"><text x="142" y="63" font-size="25">ouders in</text>
  <text x="140" y="102" font-size="42" font-weight="bold" letter-spacing="-1.5" fill="#7a3b0c">brummen</text></g>
</svg>
"""


def main() -> None:
    """Render it in Chromium with a transparent background."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_args())
        page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT})
        page.set_content(LOGO)
        page.screenshot(path=TARGET, omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()

"""The colours of drawings, for what is drawn outside a page. Pages have the same in static/css, and a test compares."""

LIGHT = {
    "kg": "#1d5940",
    "km": "#a8d0b5",
    "ka": "#ee9d4d",
    "ky": "#f8d48d",
    "kb": "#96204f",
    "kr": "#efb0bf",
    "kc": "#fffdf8",
    "ki": "#2b2016",
    "skin-1": "#f2cba6",
    "skin-2": "#d99f70",
    "skin-3": "#a66a42",
    "skin-4": "#704529",
    "hair": "#35291d",
    "sun": "#ee9d4d",
    "window": "#fff4d6",
}
DARK = LIGHT | {
    "kg": "#6cb08a",
    "km": "#3a664e",
    "ka": "#eaa365",
    "ky": "#f1cb82",
    "kb": "#d76a90",
    "kr": "#86435a",
    "kc": "#f3e8d5",
    "ki": "#120f0b",
    "hair": "#47372a",
    "sun": "#f3e8d5",
    "window": "#ffd987",
}

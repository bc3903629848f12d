"""Rules for the HTML of pages: those of the HTML standard that are relevant to our templates, and a few more.

The Nu HTML Checker (vnu) has all rules, but needs Java; a test checks that these find the same faults.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import pairwise
from typing import Any

import html5lib


def words(text: str) -> set[str]:
    return set(text.split())


REFERS = ("aria-describedby", "aria-labelledby", "aria-controls", "aria-details", "for", "list", "form", "headers")
PHRASING = words(
    "a abbr b bdi bdo br button cite code data datalist del dfn em i img input ins kbd label mark meter "
    "noscript object output picture progress q s samp script select small span strong sub sup svg "
    "template textarea time u var wbr"
)
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
HOLDS_PHRASING = HEADINGS | words(
    "abbr b bdi bdo button cite code dfn em i kbd label legend mark meter option output p pre progress q "
    "s samp small span strong sub summary sup time u var"
)
ALSO_HOLDS = {"legend": HEADINGS, "summary": HEADINGS}
TRANSPARENT = {"a", "ins", "del", "noscript", "object"}
HOLDS_ONLY = {
    "ul": {"li"},
    "ol": {"li"},
    "table": {"caption", "colgroup", "thead", "tbody", "tfoot", "tr"},
    "thead": {"tr"},
    "tbody": {"tr"},
    "tfoot": {"tr"},
    "tr": {"th", "td"},
    "select": {"option", "optgroup", "hr"},
    "optgroup": {"option"},
    "datalist": {"option"} | PHRASING,
}
BELONGS_IN = {
    "li": {"ul", "ol", "menu"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
    "figcaption": {"figure"},
    "legend": {"fieldset"},
    "summary": {"details"},
    "main": {"body", "div"},
}
ANYWHERE = {"script", "template"}
NO_HEADING = {
    "dt": HEADINGS | words("header footer article section nav aside"),
    "address": HEADINGS,
}
INTERACTIVE = words("a button details embed iframe input label select textarea")
LABELABLE = words("button input meter output progress select textarea")

GLOBAL = words(
    "accesskey autocapitalize autocorrect autofocus class contenteditable dir draggable enterkeyhint "
    "hidden id inert inputmode is itemid itemprop itemref itemscope itemtype lang nonce popover role slot "
    "spellcheck tabindex title translate"
)
ARIA = words(
    "activedescendant atomic autocomplete busy checked colcount colindex colspan controls current "
    "describedby description details disabled errormessage expanded flowto haspopup hidden invalid "
    "keyshortcuts label labelledby level live modal multiline multiselectable orientation owns "
    "placeholder posinset pressed readonly relevant required roledescription rowcount rowindex rowspan "
    "selected setsize sort valuemax valuemin valuenow valuetext"
)
OWN = {
    "a": "href target download ping rel hreflang type referrerpolicy",
    "blockquote": "cite",
    "body": "",
    "button": "disabled form formaction formenctype formmethod formnovalidate formtarget name popovertarget"
    " popovertargetaction type value",
    "col": "span",
    "details": "open name",
    "fieldset": "disabled form name",
    "form": "accept-charset action autocomplete enctype method name novalidate target rel",
    "html": "",
    "iframe": "src srcdoc name sandbox allow allowfullscreen width height referrerpolicy loading",
    "img": "alt src srcset sizes crossorigin usemap ismap width height referrerpolicy decoding loading fetchpriority",
    "input": "accept alt autocomplete checked dirname disabled form formaction formenctype formmethod formnovalidate"
    " formtarget height list max maxlength min minlength multiple name pattern placeholder readonly required size src"
    " step type value width",
    "label": "for",
    "li": "value",
    "link": "href crossorigin rel as media hreflang type sizes integrity referrerpolicy color disabled fetchpriority",
    "meta": "name http-equiv content charset media property",
    "ol": "reversed start type",
    "optgroup": "disabled label",
    "option": "disabled label selected value",
    "output": "for form name",
    "progress": "value max",
    "script": "src type nomodule async defer crossorigin integrity referrerpolicy fetchpriority",
    "select": "autocomplete disabled form multiple name required size",
    "source": "src srcset sizes media type width height",
    "td": "colspan rowspan headers",
    "textarea": "autocomplete cols dirname disabled form maxlength minlength name placeholder readonly required rows"
    " wrap",
    "th": "colspan rowspan headers scope abbr",
    "time": "datetime",
}
TYPED = {"text", "search", "url", "tel", "email", "password"}
NUMBERS = {"date", "month", "week", "time", "datetime-local", "number", "range"}
ONLY_FOR_TYPES = {  # an attribute of <input> -> the types that support it
    "accept": {"file"},
    "checked": {"checkbox", "radio"},
    "list": TYPED | NUMBERS | {"color"},
    "max": NUMBERS,
    "maxlength": TYPED,
    "min": NUMBERS,
    "minlength": TYPED,
    "multiple": {"email", "file"},
    "pattern": TYPED,
    "placeholder": TYPED | {"number"},
    "readonly": TYPED | NUMBERS,
    "required": TYPED | NUMBERS | {"checkbox", "radio", "file"},
    "size": TYPED,
    "step": NUMBERS,
    "autocomplete": TYPED | NUMBERS | {"color", "hidden"},
}
NAMELESS = {
    "div",
    "span",
    "p",
    "strong",
    "em",
    "b",
    "i",
    "small",
    "code",
    "time",
    "bdi",
}  # take no aria-label without a role
DATETIME = re.compile(
    r"(?P<on>\d{4,}-\d\d-\d\d)(?:[T ](?P<hour>\d\d):(?P<minute>\d\d)(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:?\d\d)?)?"
    r"|\d{4,}-\d\d|--?\d\d-\d\d|\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?|\d{4,}-W\d\d|\d{4,}|P[\dDTHMS.]+"
)

LOOSE_DOT = re.compile(r"[ \n](·\s*\S*)")  # without a non-breaking space before it


def tree_of(html: str) -> Any:
    return html5lib.HTMLParser(strict=False, namespaceHTMLElements=False).parse(html)


def faults(html: str, language: str) -> list[str]:
    """Return all faults of a page; an empty list if it is valid."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(html)
    found = [f"not valid, line {position[0]}: {code} {details}" for position, code, details in parser.errors]
    found += faults_of_standard(root)
    for element in _elements(root):
        found += [f"<{element.tag} {name}>" for name in element.attrib if name.startswith("on") or name == "style"]
        is_inline = element.tag == "script" and not element.get("src") and element.get("type") != "application/json"
        found += [f"inline <{element.tag}>"] if is_inline or element.tag == "style" else []
        if element.tag in {"input", "select", "textarea"} and not is_labelled(element, root):
            found.append(f"{element.tag} {element.get('name')} without label")
        if element.tag in {"a", "button"} and not name_of(element):
            found.append(f"<{element.tag}> without words: {element.attrib}")
    levels = [int(element.tag[1]) for element in _elements(root) if element.tag in HEADINGS]
    if levels.count(1) != 1:
        found.append(f"{levels.count(1)} h1")
    found += [f"h{now} after h{then}" for then, now in pairwise(levels) if now > then + 1]
    if root.get("lang") != language:
        found.append(f"lang is {root.get('lang')}")
    title = root.find(".//title")
    if title is None or not (title.text or "").strip():
        found.append("no title")
    if len(root.findall(".//main")) != 1:
        found.append("not one main")
    found += [f"a line can begin with {after!r}" for after in LOOSE_DOT.findall("".join(root.find("body").itertext()))]
    return found


def faults_of_standard(root: Any) -> list[str]:
    """Return violations of the standard, besides parse errors."""
    ids = Counter(element.get("id") for element in root.iter() if element.get("id") is not None)
    found = [f"id {name!r} {number} times" for name, number in ids.items() if number > 1 or not name]
    found += [f"id {name!r} has a space" for name in ids if re.search(r"\s", name)]
    by_id = {element.get("id"): element for element in root.iter()}
    for element in _elements(root):
        found += _faults_of_references(element, by_id)
        found += _faults_of_attributes(element)
        found += _faults_of_children(element)
    found += _faults_of_nesting(root.find("body"))
    return found


def _elements(root: Any) -> Iterator[Any]:
    """Return all HTML elements, without those in <svg>."""
    return (element for element in root.iter() if isinstance(element.tag, str) and not element.tag.startswith("{"))


def _tag(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""  # a comment has none


def _children(element: Any) -> list[str]:
    return [tag for child in element if (tag := _tag(child)) and tag not in ANYWHERE]


def _has_text(element: Any) -> bool:
    """Does the element itself contain text, outside its children?"""
    return any((text or "").strip() for text in [element.text, *(child.tail for child in element)])


def _faults_of_references(element: Any, by_id: dict[str, Any]) -> Iterable[str]:
    for attribute in REFERS:
        for target in (element.get(attribute) or "").split():
            if target not in by_id:
                yield f"{attribute} of <{element.tag}> points at {target!r}, which is not there"
            elif attribute == "for" and element.tag == "label" and by_id[target].tag not in LABELABLE:
                yield f"label for a <{by_id[target].tag}>"
    href = element.get("href") or ""
    if element.tag == "a" and href.startswith("#") and href[1:] not in by_id:
        yield f"link to {href}, which is not there"


def _faults_of_attributes(element: Any) -> Iterable[str]:
    tag, attributes = element.tag, element.attrib
    own = set(OWN.get(tag, "").split())
    for name, value in attributes.items():
        if not isinstance(name, str) or name in GLOBAL | own or re.fullmatch(r"data-[a-z0-9._-]+", name):
            continue
        if not (name.startswith("aria-") and name[5:] in ARIA):
            yield f"<{tag}> has no attribute {name}={value!r}"
    yield from (f"<{tag}> with an empty {name}" for name in ("href", "src", "action") if _is_empty(element, name))
    if tag == "a" and "href" not in attributes and set(attributes) & own:
        yield f"<a> without href has {sorted(set(attributes) & own)}"
    if tag == "img" and "alt" not in attributes:
        yield "img without alt"
    for name in ("width", "height", "rows", "cols", "maxlength", "minlength", "colspan", "rowspan"):
        if name in attributes and not re.fullmatch(r"\d+", attributes[name]):
            yield f"<{tag}> with {name}={attributes[name]!r}"
    if tag == "input":
        kind = attributes.get("type", "text")
        strange = [name for name in attributes if kind not in ONLY_FOR_TYPES.get(name, {kind})]
        yield from (f"<input type={kind}> has no attribute {name}" for name in strange)
    if tag == "time" and not is_datetime(attributes.get("datetime", "".join(element.itertext()).strip())):
        yield f"<time datetime={attributes.get('datetime')!r}>"
    if tag in NAMELESS and {"aria-label", "aria-labelledby"} & set(attributes) and "role" not in attributes:
        yield f"<{tag}> has a name without a role"
    if tag == "select" and "required" in attributes and not {"multiple", "size"} & set(attributes):
        first = element.find(".//option")
        if first is None or first.get("value", "".join(first.itertext())) != "":
            yield "a required <select> starts with a choice"
    if tag == "option" and "label" not in attributes and not "".join(element.itertext()).strip():
        yield "an <option> without words"


def _is_empty(element: Any, name: str) -> bool:
    may_be_empty = element.tag in {"a", "link"}  # an empty href is this very page
    return element.get(name) is not None and not element.get(name).strip() and not may_be_empty


def is_datetime(text: str) -> bool:
    """Is this valid for <time>: a date, a month, a time, or an instant with at most milliseconds?"""
    match = DATETIME.fullmatch(text)
    if match is None or not match["on"]:
        return match is not None
    try:
        date.fromisoformat(match["on"])
    except ValueError:
        return False
    return int(match["hour"] or 0) < 24 and int(match["minute"] or 0) < 60


def _faults_of_children(element: Any) -> Iterable[str]:
    tag, children = element.tag, _children(element)
    for child in children:
        if tag in HOLDS_ONLY and child not in HOLDS_ONLY[tag]:
            yield f"<{child}> straight in <{tag}>"
        if child in BELONGS_IN and tag not in BELONGS_IN[child]:
            yield f"<{child}> in <{tag}>"
    if tag in {*HOLDS_ONLY, "dl"} - {"datalist"} and _has_text(element):
        yield f"words straight in <{tag}>"
    if tag == "dl":
        groups = [group for group in element if _tag(group) == "div"]
        if set(children) - {"div"} and groups:
            yield "a <dl> with <div> and something else"
        yield from _faults_of_terms("dl", children) if not groups else []
        for group in groups:
            yield from _faults_of_terms("dl > div", _children(group), is_one=True)
            yield from ["words straight in dl > div"] if _has_text(group) else []
    elif {"dt", "dd"} & set(children) and tag != "div":
        yield f"<dt> or <dd> in <{tag}>"
    captions = [at for at, child in enumerate(children) if child == "figcaption"]
    if tag == "figure" and captions and (len(captions) > 1 or captions[0] not in {0, len(children) - 1}):
        yield "<figcaption> is neither the first nor the last of <figure>"
    for parent, first in (("fieldset", "legend"), ("details", "summary"), ("table", "caption")):
        if tag == parent and first in children[1:]:
            yield f"<{first}> is not the first of <{parent}>"
    if tag == "details" and children[:1] != ["summary"]:
        yield "<details> without <summary>"


def _faults_of_terms(where: str, children: list[str], *, is_one: bool = False) -> Iterable[str]:
    """Check groups of one or more <dt>, then one or more <dd>; `is_one`: exactly one group."""
    yield from (f"<{child}> straight in {where}" for child in children if child not in {"dt", "dd"})
    order = "".join("t" if child == "dt" else "d" for child in children if child in {"dt", "dd"})
    if not re.fullmatch(r"t+d+" if is_one else r"(t+d+)*", order):
        yield f"<dt> and <dd> out of order in {where}"


def _faults_of_nesting(element: Any, above: tuple[str, ...] = ()) -> Iterable[str]:
    """Find block elements in phrasing content, and interactive elements inside others."""
    tag = _tag(element)
    inside = (*above, tag)
    holder = next((name for name in reversed(inside) if name not in TRANSPARENT), "")
    for child in element:
        name = _tag(child)
        if not name:
            continue
        if holder in HOLDS_PHRASING and name not in PHRASING | ALSO_HOLDS.get(holder, set()):
            yield f"<{name}> in <{holder}>"
        yield from (f"<{name}> in <{outer}>" for outer in inside if name in NO_HEADING.get(outer, ()))
        is_acted_on = (name in INTERACTIVE and child.get("type") != "hidden") or child.get("tabindex") is not None
        if is_acted_on and {"a", "button"} & set(inside) and not (name == "a" and child.get("href") is None):
            yield f"<{name}> in <{'a' if 'a' in inside else 'button'}>"
        if name == "label" and "label" in inside:
            yield "<label> in <label>"
        if name == "form" and "form" in inside:
            yield "<form> in <form>"
        if not child.tag.startswith("{"):
            yield from _faults_of_nesting(child, inside)


def is_labelled(element: Any, root: Any) -> bool:
    if element.get("type") in {"hidden", "submit", "button"} or element.get("hidden") is not None:
        return True
    has_label = any(label.get("for") == element.get("id") for label in root.iter("label"))
    return (
        has_label
        or any(element in list(label.iter()) for label in root.iter("label"))
        or bool(element.get("aria-label") or element.get("aria-labelledby"))
    )


def name_of(element: Any) -> str:
    images = " ".join(image.get("alt") or "" for image in element.iter("img"))
    return (element.get("aria-label") or "") + "".join(element.itertext()).strip() + images

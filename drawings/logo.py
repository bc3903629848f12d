"""The logo: two people behind a checked table, in the shape of a block. It is 64 wide and high."""

PEOPLE = (
    '<g fill="var(--ka)"><circle cx="24" cy="21" r="9"/><path d="M9 45a15 13 0 0 1 30 0z"/></g>'
    '<g fill="var(--kr)"><circle cx="45" cy="29" r="6.5"/><path d="M34 45a11 8.5 0 0 1 22 0z"/></g>'
)
LOGO = (
    '<path fill="var(--kg)" d="M8 0h30a26 26 0 0 1 26 26v30a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8V8a8 8 0 0 1 8-8z"/>'
    f"{PEOPLE}"
    '<path fill="var(--kc)" d="M0 44h64v12a8 8 0 0 1-8 8H8a8 8 0 0 1-8-8z"/>'
    '<path fill="var(--kg)" d="M8 50h8v7H8zM24 50h8v7h-8zM40 50h8v7h-8zM56 50h8v7h-8z'
    'M0 57h8v7a8 8 0 0 1-8-8zM16 57h8v7h-8zM32 57h8v7h-8zM48 57h8v7h-8z"/>'
)

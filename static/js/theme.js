// A colour picker beside the text field for the colour.
(() => {
  const text = document.querySelector("[data-colour]");
  const picker = Object.assign(document.createElement("input"), { type: "color", className: "colour-picker" });
  picker.setAttribute("aria-label", text.closest("[data-pick]").dataset.pick);
  const read = () => {
    const typed = text.value.trim();
    picker.value = /^#[0-9a-f]{6}$/i.test(typed) ? typed : text.dataset.colour;
  };
  read();
  text.addEventListener("input", read);
  picker.addEventListener("input", () => { text.value = picker.value; });
  const row = Object.assign(document.createElement("div"), { className: "colour-row" });
  text.replaceWith(row);
  row.append(picker, text);
})();

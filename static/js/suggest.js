// Suggestions while typing a place: a combobox with a list and manual selection, as in the ARIA Authoring Practices.
// Without this script the field is an ordinary one, and the page after the search offers the same places.
(() => {
  const WAIT = 150; // milliseconds without a key before we ask
  const known = new Map();
  let count = 0;

  const setUp = (input) => {
    if (input.getAttribute("role") === "combobox") return;
    const words = input.dataset;
    const list = Object.assign(document.createElement("ul"), { id: `suggestions-${++count}`, className: "suggestions", hidden: true });
    list.setAttribute("role", "listbox");
    list.setAttribute("aria-label", words.label);
    const box = Object.assign(document.createElement("div"), { className: "combobox" });
    input.before(box);
    box.append(input, list);
    Object.entries({ role: "combobox", autocomplete: "off", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id })
      .forEach(([name, value]) => input.setAttribute(name, value));
    let timer, asking, active = -1;

    const isOpen = () => !list.hidden;
    const mark = (number) => {
      active = number;
      [...list.children].forEach((option, at) => option.setAttribute("aria-selected", String(at === number)));
      if (number < 0) input.removeAttribute("aria-activedescendant");
      else {
        input.setAttribute("aria-activedescendant", list.children[number].id);
        list.children[number].scrollIntoView({ block: "nearest" });
      }
    };
    const close = () => {
      clearTimeout(timer);
      asking?.abort();
      mark(-1);
      list.hidden = true;
      input.setAttribute("aria-expanded", "false");
    };
    const show = (places) => {
      list.replaceChildren(...places.map((place, at) => {
        const option = Object.assign(document.createElement("li"), { id: `${list.id}-${at}`, textContent: place, dir: "auto" });
        option.setAttribute("role", "option");
        return option;
      }));
      mark(-1);
      list.hidden = !places.length;
      input.setAttribute("aria-expanded", String(isOpen()));
      const said = places.length === 1 ? words.one : places.length ? words.many.replace("{number}", places.length) : words.none;
      window.pedbasis?.say(said);
    };
    const ask = async () => {
      const typed = input.value.trim();
      if (typed.length < 2) { close(); return; }
      if (!known.has(typed)) {
        asking = new AbortController();
        try {
          const answer = await fetch(`${words.suggest}?q=${encodeURIComponent(typed)}`, { signal: asking.signal, credentials: "omit" });
          if (!answer.ok) return;
          known.set(typed, (await answer.json()).places);
        } catch { return; } // another letter came, or there is no connection: searching works without suggestions
      }
      if (document.activeElement === input && input.value.trim() === typed) show(known.get(typed));
    };
    const choose = (option) => {
      input.value = option.textContent;
      close();
      input.form.requestSubmit();
    };
    const move = (step) => {
      const last = list.children.length - 1;
      mark(step > 0 ? (active === last ? 0 : active + 1) : active <= 0 ? last : active - 1);
    };

    input.addEventListener("input", (event) => {
      clearTimeout(timer);
      asking?.abort();
      if (!event.isComposing) timer = setTimeout(ask, WAIT);
    });
    input.addEventListener("keydown", (event) => {
      if (event.isComposing || event.ctrlKey || event.metaKey) return;
      const { key } = event;
      if (key === "ArrowDown" || key === "ArrowUp") {
        event.preventDefault();
        if (event.altKey && key === "ArrowUp") close();
        else if (isOpen()) move(key === "ArrowDown" ? 1 : -1);
        else ask().then(() => { if (isOpen() && !event.altKey) move(key === "ArrowDown" ? 1 : -1); });
      } else if (key === "Enter" && isOpen() && active >= 0) {
        event.preventDefault();
        choose(list.children[active]);
      } else if (key === "Enter" || key === "Tab") close();
      else if (key === "Escape" && isOpen()) { event.preventDefault(); close(); }
      else if (isOpen() && ["Home", "End", "ArrowLeft", "ArrowRight"].includes(key)) mark(-1); // back to the text
    });
    input.addEventListener("blur", close);
    list.addEventListener("mousedown", (event) => event.preventDefault()); // the field keeps the focus
    list.addEventListener("click", ({ target }) => { const option = target.closest("[role=option]"); if (option) choose(option); });
  };
  const setUpAll = () => document.querySelectorAll("input[data-suggest]").forEach(setUp);
  setUpAll();
  document.addEventListener("htmx:after:swap", setUpAll);
})();

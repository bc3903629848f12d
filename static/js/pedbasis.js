// Progressive enhancement of every page. Texts come from data attributes of <body>.
(() => {
  const $$ = (selector, root = document) => root.querySelectorAll(selector);
  const words = document.body.dataset;
  const say = (text) => {
    const live = document.getElementById("live");
    live.textContent = "";
    setTimeout(() => { live.textContent = text; }, 60);
  };
  window.pedbasis = { say };

  // Share with the system's share sheet, or else copy the link.
  const share = async (button) => {
    const { title, text, url } = button.dataset;
    if (navigator.share) {
      try { await navigator.share({ title, text, url: url || location.href }); } catch { /* cancelled by the user */ }
      return;
    }
    try {
      await navigator.clipboard.writeText(`${text || ""} ${url || location.href}`.trim());
      button.lastChild.textContent = words.copied;
      say(words.copied);
    } catch {
      button.parentNode.querySelector("details")?.setAttribute("open", "");
    }
  };

  // My location: rounded to about a kilometre, sent once with the form.
  const locate = (button) => {
    const form = button.form;
    say(words.locating);
    button.setAttribute("aria-busy", "true");
    navigator.geolocation.getCurrentPosition(({ coords }) => {
      const put = (name, value) => {
        const input = form.elements[name] || form.appendChild(Object.assign(document.createElement("input"), { type: "hidden", name }));
        input.value = value;
      };
      put("lat", coords.latitude.toFixed(2));
      put("lon", coords.longitude.toFixed(2));
      if (form.elements[button.dataset.locate]) form.elements[button.dataset.locate].value = "";
      form.requestSubmit();
    }, () => {
      button.removeAttribute("aria-busy");
      const note = button.parentNode.querySelector(".locate-note")
        || button.insertAdjacentElement("afterend", Object.assign(document.createElement("p"), { className: "hint locate-note" }));
      note.textContent = words.notLocated;
      say(words.notLocated);
    }, { timeout: 10000, maximumAge: 300000 });
  };

  // Plus and minus buttons around a number field.
  const step = (input) => {
    const box = Object.assign(document.createElement("span"), { className: "stepper" });
    const label = input.labels?.[0]?.firstChild.textContent.trim() || input.getAttribute("aria-label") || "";
    input.replaceWith(box);
    const make = (sign, word, act) => {
      const button = Object.assign(document.createElement("button"), { type: "button", className: "icon-button", textContent: sign });
      button.setAttribute("aria-label", `${word}: ${label}`);
      button.addEventListener("click", () => {
        if (input.value === "") input.value = input.min || 0;
        else input[act]();
        input.dispatchEvent(new Event("change", { bubbles: true }));
        say(`${label}: ${input.value}`);
      });
      return button;
    };
    box.append(make("−", words.less, "stepDown"), input, make("+", words.more, "stepUp"));
  };

  // After submit, move to the results. Changing a filter also loads results, but leaves the focus in the form.
  const showResults = (form) => {
    const results = document.getElementById("results"); // absent if the form has errors
    if (!results) {
      form.querySelector(".field:has(.errorlist) :is(input, select)")?.focus();
      return;
    }
    $$("details", form).forEach((details) => { details.open = false; });
    results.focus({ preventScroll: true });
    results.scrollIntoView();
  };

  const enhance = (root) => {
    $$("[data-share]", root).forEach((button) => { button.hidden = !(navigator.share || navigator.clipboard); });
    $$("[data-print]", root).forEach((button) => { button.hidden = false; });
    $$("[data-locate]", root).forEach((button) => { button.hidden = !navigator.geolocation; });
    $$("input[data-stepper]", root).forEach((input) => { if (!input.closest(".stepper")) step(input); });
  };
  enhance(document);
  $$("[data-newest]").forEach((box) => { box.scrollLeft = box.scrollWidth; }); // the newest is on the right
  document.addEventListener("htmx:after:swap", ({ detail: { ctx } }) => {
    enhance(document);
    if (ctx.sourceEvent?.type === "submit" && ctx.sourceElement.matches("[data-results]")) showResults(ctx.sourceElement);
  });
  document.querySelector("[data-focus]")?.focus();

  // "I am coming" leads to the form, and to the first thing that a guest has to type there.
  const fillIn = () => {
    const empty = [...$$("#join :is(input[type=text], input[type=email])")].find((input) => !input.value);
    if (location.hash === "#join" && empty) empty.focus();
  };
  fillIn();
  window.addEventListener("hashchange", fillIn);

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-share], [data-locate], [data-print]");
    if (button?.matches("[data-share]")) share(button);
    else if (button?.matches("[data-locate]")) locate(button);
    else if (button) window.print();
    $$("details[data-popover][open]").forEach((open) => { if (!open.contains(event.target)) open.open = false; });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") $$("details[data-popover][open]").forEach((open) => { open.open = false; open.firstElementChild.focus(); });
  });

  // Delete unsent taps of hosts (taps.js), which contain names, after fifteen days.
  const isOld = (key) => { try { return !(Date.now() - JSON.parse(localStorage[key]).at < 15 * 864e5); } catch { return true; } };
  try { Object.keys(localStorage).filter((key) => /^door:\d/.test(key) && isOld(key)).forEach((key) => localStorage.removeItem(key)); } catch { /* storage is disabled */ }

  // Drafts of forms (draft.js): whoever signs out leaves none behind; nor does one that was saved, or is a week old.
  const drafts = (is_gone) => { try { Object.keys(localStorage).filter((key) => key.startsWith("draft:") && is_gone(key)).forEach((key) => localStorage.removeItem(key)); } catch { /* storage is disabled */ } };
  drafts((key) => { try { return !(Date.now() - JSON.parse(localStorage[key]).at < 7 * 864e5); } catch { return true; } });
  try {
    Object.keys(sessionStorage).filter((key) => key.startsWith("draft:")).forEach((key) => {
      if (!document.querySelector(`form[data-draft="${CSS.escape(sessionStorage[key].slice(6))}"]`)) drafts((name) => name === sessionStorage[key]);
      sessionStorage.removeItem(key);
    });
  } catch { /* storage is disabled */ }
  // The three dates that someone looked at last, for the offline page, until they are over or someone signs out.
  const keep = (change) => {
    try {
      const dates = change(JSON.parse(localStorage.dates || "[]")).filter(({ until }) => Date.parse(until) > Date.now());
      if (dates.length) localStorage.dates = JSON.stringify(dates.slice(0, 3)); else localStorage.removeItem("dates");
    } catch { /* storage is disabled */ }
  };
  const shown = JSON.parse(document.getElementById("kept-date")?.textContent || "null");
  keep((dates) => (shown ? [shown, ...dates.filter(({ url }) => url !== shown.url)] : dates));
  document.addEventListener("submit", ({ target }) => { if (/\/account\/logout\/$/.test(target.action)) { drafts(() => true); keep(() => []); } });
  window.addEventListener("load", () => navigator.serviceWorker?.register("/service-worker.js", { updateViaCache: "all" }).catch(() => { /* only without internet it is missed */ }));

  // Prevent double submits.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || form.dataset.many !== undefined) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    $$("button:not([type=button])", form).forEach((button) => button.setAttribute("aria-disabled", "true"));
  });
  window.addEventListener("pageshow", () => $$("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    $$("[aria-disabled]", form).forEach((button) => button.removeAttribute("aria-disabled"));
  }));
})();

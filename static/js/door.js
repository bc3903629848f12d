// The list at the door: shows taps optimistically, on top of the state that the server sent, and which are still queued.
// taps.js stores and sends the taps.
(() => {
  const $ = (id) => document.getElementById(id);
  const { queue, add, call, tick, note, page } = window.pedbasis.taps;
  const { door, undecided, unsent } = $("door-phone").dataset;
  const say = (text) => window.pedbasis.say(text.trim());
  const newcomer = $("door-add").querySelector("form");
  let state = $("door").dataset.state;

  page.show = (trouble) => {
    const taps = queue(door);
    document.querySelectorAll("#door form[data-tap]").forEach((form) => {
      const [what, pk] = form.dataset.tap.split("-");
      const own = taps.filter((tap) => tap.what === form.dataset.tap
        || (what === "presence" && tap.what === `greeted-${pk}` && tap.body.state === "1")); // a welcome implies presence
      const output = form.querySelector("output"), button = form.querySelector("button");
      form.classList.toggle("is-unsaved", Boolean(trouble && own.length));
      if (output) {
        const number = own.reduce((sum, tap) => Math.max(0, sum + Number(tap.body.delta)), Number(output.dataset.count));
        output.textContent = number;
        button.disabled = number < 1;
      } else if (form.elements.state) {
        const isOn = (own.at(-1)?.body.state ?? form.dataset.on) === "1";
        button.setAttribute("aria-pressed", String(isOn));
        form.elements.state.value = isOn ? "0" : "1";
      } else button.disabled = own.length > 0;
    });
    if ($("door-uncounted")) {
      $("door-uncounted").hidden = !trouble || !taps.length;
      $("door-uncounted").querySelector("b").textContent = taps.length;
    }
    const people = taps.filter((tap) => tap.what === "added"), isAway = trouble === "signed-out"; // hide all names
    $("door").hidden = isAway;
    $("door-queued").hidden = isAway || !people.length;
    $("door-add").hidden = isAway || (state !== "open" && !newcomer.elements.first_name.value); // unless a name was typed
    $("door-close").hidden = isAway || !("canClose" in $("door").dataset);
    $("door-close").classList.toggle("action-bar", "asksToClose" in $("door").dataset);
    $("door-queued").querySelector("ul").replaceChildren(...people.map((tap) => {
      const row = Object.assign(document.createElement("li"), { className: "door-row" });
      const name = Object.assign(document.createElement("bdi"), { className: "door-person door-name", textContent: tap.body.first_name });
      row.append(name);
      return row;
    }));
    const shown = $("door-refused").textContent.trim();
    if ((shown === undecided && !$("late")) || (shown === unsent && !taps.length)) note("");
  };

  const swap = async (text) => {
    const wasLate = Boolean($("late"));
    try {
      await window.htmx.swap({ sourceElement: $("door"), target: $("door"), swap: "outerMorph", text });
    } catch { // htmx failed to load
      $("door").outerHTML = text;
    }
    const now = $("door").dataset;
    if (state === "open" && now.state !== "open") say(($("door-closed") || $("door")).textContent);
    if (!wasLate && $("late")) say($("late").textContent);
    state = now.state;
  };

  // Fetch the current list. The answer is stale if someone tapped in the meantime.
  page.ask = async () => {
    if (document.hidden || state === "shut") return undefined;
    const answer = await call(location.pathname, { headers: { "If-None-Match": `"${$("door").dataset.version}"` } });
    if (answer.status === 200 && !answer.trouble && !queue().length) await swap(answer.text);
    return answer.trouble;
  };

  page.saved = async (text) => {
    const wasLate = Boolean($("late"));
    await swap(text);
    if (!wasLate && $("late")) note(undecided);
  };

  page.refused = (tap) => { // put a refused name back into the form
    if (tap.what !== "added" || newcomer.elements.first_name.value) return;
    Object.entries(tap.body).forEach(([name, value]) => {
      const input = newcomer.elements[name];
      if (input?.type === "checkbox") input.checked = true;
      else if (input && input.type !== "hidden") input.value = value;
    });
    newcomer.closest("details").open = true;
  };

  page.leave = () => {
    [$("door"), $("door-add"), $("door-queued"), $("door-close")].forEach((part) => part.remove());
    page.show = () => {};
  };

  // The head count is prefilled from saved taps, so send queued ones first.
  let isWarned = false;
  $("door-close").querySelector("a").addEventListener("click", async (event) => {
    if (isWarned || !queue(door).length) return;
    event.preventDefault();
    const { href } = event.currentTarget;
    await tick();
    isWarned = queue(door).length > 0;
    if (isWarned) note(unsent);
    else location.assign(href);
  });

  let last = {};
  document.addEventListener("submit", (event) => {
    const form = event.target, button = event.submitter, what = form.dataset.tap, at = event.timeStamp;
    if (what === undefined) return;
    event.preventDefault();
    if (form.elements.state && what === last.what && at - last.at < 400) return; // ignore the second tap of a double tap, which would undo the first
    last = { what, at };
    if (!form.reportValidity()) return;
    const fields = Object.fromEntries(new FormData(form));
    if (button?.name) fields[button.name] = button.value;
    delete fields.csrfmiddlewaretoken;
    if (form === newcomer) {
      form.reset();
      form.closest("details").open = false;
      form.closest("details").firstElementChild.focus();
    }
    add(what, form.getAttribute("action"), fields);
  });
})();

// Taps at the door: kept on this phone until the server has them, each under its own key and with its own id, and sent in
// the order of tapping. So sending one twice does no harm, nor do two tabs; and the page shows what is still on its way.
(() => {
  const $ = (id) => document.getElementById(id);
  const phone = $("door-phone");
  if (!phone) return;
  const { door, user, refused, undecided } = phone.dataset;
  const mine = `door:${user}:${door}:`; // who signs in next on this phone does not see what is queued here
  const longest = 15 * 24 * 3600 * 1000;
  const headers = { "HX-Request": "true" };
  const troubles = ["offline", "signed-out", "not-host"];
  let trouble = "", busy = false, turns = 0, state = $("door").dataset.state;

  const memory = new Map(); // a private window keeps nothing: then taps last as long as this page
  const keep = (key, value) => { try { localStorage.setItem(key, value); } catch { memory.set(key, value); } };
  const recall = (key) => { try { return localStorage.getItem(key) ?? memory.get(key); } catch { return memory.get(key); } };
  const drop = (key) => { memory.delete(key); try { localStorage.removeItem(key); } catch { /* was not there */ } };
  const keys = () => { try { return [...Object.keys(localStorage), ...memory.keys()]; } catch { return [...memory.keys()]; } };
  const read = (key) => { try { return JSON.parse(recall(key)); } catch { return null; } };
  const queue = () => keys().filter((key) => key.startsWith(mine)).map(read).filter((tap) => tap?.id)
    .sort((a, b) => a.body.sequence - b.body.sequence);
  const random = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));

  const say = (text) => window.pedbasis?.say(text.trim());
  const note = (text) => { $("door-refused").querySelector("p").textContent = text; $("door-refused").hidden = !text; if (text) say(text); };

  // What the server said, with on top of it what it has not heard yet.
  const show = () => {
    const taps = queue();
    document.querySelectorAll("#door form[data-tap]").forEach((form) => {
      const [what, pk] = form.dataset.tap.split("-");
      const own = taps.filter((tap) => tap.what === form.dataset.tap
        || (what === "presence" && tap.what === `greeted-${pk}` && tap.body.state === "1")); // whoever is welcomed is there
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
    const people = taps.filter((tap) => tap.what === "added");
    $("door-queued").hidden = !people.length;
    $("door-queued").querySelector("ul").replaceChildren(...people.map((tap) => {
      const row = Object.assign(document.createElement("li"), { className: "door-row" });
      const name = Object.assign(document.createElement("bdi"), { className: "door-person door-name", textContent: tap.body.first_name });
      row.append(name);
      return row;
    }));
    troubles.forEach((name) => {
      const notice = $(`door-${name}`), isShown = trouble === name && (name !== "offline" || taps.length > 0);
      if (isShown && notice.hidden) say(notice.textContent);
      notice.hidden = !isShown;
    });
  };

  const swap = async (text) => {
    if (!text.includes(`data-user="${user}"`)) { location.reload(); return; } // somebody else signed in on this phone
    const wasLate = Boolean($("late"));
    await window.htmx.swap({ sourceElement: $("door"), target: $("door"), swap: "outerMorph", text });
    const now = $("door").dataset, form = $("door-add").querySelector("form");
    $("door-close").hidden = !("canClose" in now);
    $("door-add").hidden = now.state !== "open" && !form.elements.first_name.value; // nothing typed is lost
    if (state === "open" && now.state !== "open") say(($("door-closed") || $("door")).textContent);
    if (!wasLate && $("late")) say($("late").textContent);
    state = now.state;
    show();
  };

  const isSignedOut = (answer) => answer.type === "opaqueredirect";
  const noHost = () => {
    trouble = "not-host";
    queue().forEach((tap) => drop(mine + tap.id));
    [$("door"), $("door-add"), $("door-close")].forEach((part) => part.remove());
  };

  // Ask how the list is now; false when there is no answer to go on with. What came is old when someone tapped meanwhile.
  const ask = async (known) => {
    const seen = turns;
    const answer = await fetch(location.pathname, { headers: known ? { ...headers, "If-None-Match": `"${$("door").dataset.version}"` } : headers, redirect: "manual", cache: "no-store", signal: AbortSignal.timeout(15000) });
    if (isSignedOut(answer)) trouble = "signed-out";
    else if (answer.status === 404) noHost();
    else if (answer.status === 304 || answer.ok) {
      trouble = "";
      if (answer.ok && seen === turns) await swap(await answer.text());
      return true;
    }
    return false;
  };

  const post = (tap) => {
    turns += 1;
    const body = new URLSearchParams({ ...tap.body, age: Math.max(0, Date.now() - tap.at) });
    body.set("csrfmiddlewaretoken", document.querySelector("#door [name=csrfmiddlewaretoken], #door-add [name=csrfmiddlewaretoken]").value);
    return fetch(tap.url, { method: "POST", body, headers, redirect: "manual", signal: AbortSignal.timeout(15000) });
  };

  const giveBack = (tap) => { // a name that the server refuses stands in the form again
    const form = $("door-add").querySelector("form");
    if (tap.what !== "added" || form.elements.first_name.value) return;
    Object.entries(tap.body).forEach(([name, value]) => {
      const input = form.elements[name];
      if (input?.type === "checkbox") input.checked = true;
      else if (input && input.type !== "hidden") input.value = value;
    });
    form.closest("details").open = true;
  };

  const send = async () => {
    let tap, isRenewed = false, isRefused = false;
    while ((tap = queue()[0])) {
      const answer = await post(tap);
      if (isSignedOut(answer)) { trouble = "signed-out"; return; }
      if (answer.status === 404) { noHost(); return; }
      if (answer.status === 403 && !isRenewed) {
        isRenewed = true; // signed in again in another tab: the forms here hold a token of before
        if (await ask()) continue;
        return;
      }
      if (answer.status === 403 || answer.status === 429 || answer.status >= 500) { trouble = "offline"; return; }
      trouble = "";
      drop(mine + tap.id);
      const text = await answer.text();
      if (answer.ok) {
        const wasLate = $("late");
        await swap(text);
        if (!wasLate && $("late")) note(undecided);
      } else {
        isRefused = true;
        note(`${refused} ${text}`);
        giveBack(tap);
      }
    }
    if (isRefused) await ask();
  };

  const tick = async () => {
    if (busy || trouble === "not-host") return;
    busy = true;
    try {
      if (queue().length) await send();
      else if (!document.hidden && $("door").dataset.state !== "shut") await ask(true);
    } catch { trouble ||= "offline"; }
    busy = false;
    show();
    if (queue().length && !trouble) tick(); // tapped meanwhile
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.tap === undefined) return;
    event.preventDefault();
    if (!form.reportValidity()) return;
    const body = Object.fromEntries(new FormData(form)), button = event.submitter, id = random();
    if (button?.name) body[button.name] = button.value;
    delete body.csrfmiddlewaretoken;
    const sequence = Math.max(Date.now(), Number(recall("door:sequence") || 0) + 1), device = recall("door:device") || random();
    keep("door:sequence", sequence);
    keep("door:device", device);
    const tap = { id, what: form.dataset.tap, url: form.getAttribute("action"), at: Date.now(), body: { ...body, tap: id, device, sequence } };
    keep(mine + id, JSON.stringify(tap));
    turns += 1;
    note("");
    if (tap.what === "added") {
      form.reset();
      form.closest("details").open = false;
      form.closest("details").firstElementChild.focus();
    }
    show();
    tick();
  });
  window.addEventListener("online", tick);
  window.addEventListener("storage", show);
  document.addEventListener("visibilitychange", tick);
  setInterval(tick, 5000);
  keys().filter((key) => /^door:\d+$/.test(key) || (/^door:\d+:/.test(key) && !(Date.now() - read(key)?.at < longest))).forEach(drop);
  show();
  window.addEventListener("load", tick); // htmx is there by then
})();

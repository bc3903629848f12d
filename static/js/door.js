// Taps at the door: kept on this phone until the server has them, and sent once there is a network again. Each tap says
// how things are from now on, so sending it twice does no harm, and of several on one thing only the newest counts.
(() => {
  const notice = document.getElementById("door-offline");
  if (!notice) return;
  const store = `door:${notice.dataset.door}`;
  const all = () => Object.values(taps);
  let taps = {}, busy = false, turns = 0;
  try { taps = JSON.parse(localStorage.getItem(store)) || {}; } catch { /* a private window keeps nothing */ }
  all().forEach((tap) => { tap.failed = true; });

  const keep = () => {
    try {
      if (all().length) localStorage.setItem(store, JSON.stringify(taps));
      else localStorage.removeItem(store);
    } catch { /* then the taps last as long as this page */ }
  };

  const show = () => {
    document.querySelectorAll("form[data-tap]").forEach((form) => {
      const tap = taps[form.dataset.tap];
      form.classList.toggle("is-unsaved", Boolean(tap?.failed));
      if (!tap) return;
      if (form.elements.were) { // a counter runs ahead of the network: two quick taps are two people
        const number = Number(tap.body[form.dataset.tap]);
        const [fewer, more] = form.querySelectorAll("button");
        form.querySelector("output").textContent = form.elements.were.value = number;
        fewer.value = Math.max(0, number - 1);
        fewer.disabled = number < 1;
        more.value = number + 1;
      } else if (tap.failed) {
        form.querySelector("button").setAttribute("aria-pressed", String(tap.body.state === "1"));
        form.elements.state.value = tap.body.state === "1" ? "0" : "1";
      }
    });
    const waits = all().some((tap) => tap.failed);
    if (waits && notice.hidden) window.pedbasis?.say(notice.textContent.trim());
    notice.hidden = !waits;
  };

  const heard = (key, tap) => {
    if (taps[key] === tap) delete taps[key];
    else if (taps[key]) taps[key].base = tap.body[key];
    keep();
  };
  const isHeard = (status) => status >= 200 && status < 500 && status !== 403 && status !== 429;

  // Fetch the list anew; once more when somebody tapped meanwhile, because what came may be from before that tap.
  const refresh = async () => {
    let seen;
    do {
      seen = turns;
      await window.htmx?.ajax("GET", location.pathname, { target: "#door", swap: "outerMorph" });
    } while (seen !== turns);
  };

  const send = async () => {
    if (busy || !all().some((tap) => tap.failed)) return;
    busy = true;
    let sent = false, refused = false;
    try {
      for (const [key, tap] of Object.entries(taps).sort((a, b) => a[1].at - b[1].at)) {
        if (!tap.failed) continue;
        const body = new URLSearchParams(tap.body);
        if (tap.base !== undefined) body.set("were", tap.base);
        body.set("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value);
        const answer = await fetch(tap.url, { method: "POST", body, headers: { "HX-Request": "true" }, redirect: "manual" });
        if (!isHeard(answer.status)) break;
        refused ||= answer.status >= 400;
        sent = true;
        heard(key, tap);
      }
    } catch { /* still no network */ }
    busy = false;
    show();
    if (refused) location.reload(); // the page says why
    else if (sent) refresh();
  };

  document.addEventListener("htmx:config:request", ({ detail: { ctx } }) => {
    const form = ctx.sourceElement;
    if (!form.matches("form[data-tap]")) return;
    turns += 1;
    const body = Object.fromEntries(ctx.request.body);
    delete body.csrfmiddlewaretoken;
    ctx.tapped = form.dataset.tap;
    ctx.tap = { url: form.getAttribute("action"), body, at: Date.now(), base: taps[ctx.tapped]?.base ?? body.were };
    taps[ctx.tapped] = ctx.tap;
    keep();
    show();
  });
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => {
    if (!ctx.tap) return;
    turns += 1;
    if (isHeard(ctx.response?.status)) heard(ctx.tapped, ctx.tap);
    else if (taps[ctx.tapped] === ctx.tap) { ctx.tap.failed = true; keep(); }
    show();
  });
  document.addEventListener("htmx:after:swap", show);
  window.addEventListener("online", send);
  setInterval(send, 5000);
  show();
  send();
})();

// Taps at the door are queued in localStorage until the server has them, and sent in the order of tapping. Each has its
// own key and id, so retries and several tabs do no harm. A tap is removed only on an answer by this site to this user:
// the captive portal of a café answers too, and someone else may have signed in in another tab.
// Runs on every page for hosts, for all their dates.
(() => {
  const $ = (id) => document.getElementById(id);
  const phone = $("door-phone");
  if (!phone) return;
  const { door, user, refused, refusedMore, lost } = phone.dataset;
  const troubles = ["offline", "delayed", "signed-out", "not-host"];
  let trouble = "", running = null, token = phone.querySelector("[name=csrfmiddlewaretoken]").value;

  const memory = new Map(); // fallback where localStorage is disabled: taps then last as long as this page
  const store = (key, value) => { try { localStorage.setItem(key, value); } catch { memory.set(key, value); } };
  const recall = (key) => { try { return localStorage.getItem(key) ?? memory.get(key); } catch { return memory.get(key); } };
  const drop = (key) => { memory.delete(key); try { localStorage.removeItem(key); } catch { /* storage is disabled */ } };
  const keys = () => { try { return [...Object.keys(localStorage), ...memory.keys()]; } catch { return [...memory.keys()]; } };
  const read = (key) => { try { return JSON.parse(recall(key)); } catch { return null; } };
  const random = () => "10000000-1000-4000-8000-100000000000".replace(/[018]/g, (digit) =>
    (digit ^ (crypto.getRandomValues(new Uint8Array(1))[0] & (15 >> (digit / 4)))).toString(16));

  // The queue of this user, so that the next user of this phone does not see it. Without a date: of all dates.
  const queue = (date) => keys().filter((key) => key.startsWith(`door:${user}:${date ? `${date}:` : ""}`))
    .map((key) => ({ ...read(key), key, door: key.split(":")[2] })).filter((tap) => tap.id)
    .sort((a, b) => a.body.sequence - b.body.sequence);

  const forget = (date) => queue(date).forEach(({ key }) => drop(key));

  const say = (text) => window.pedbasis?.say(text.trim());
  const note = (text) => { $("door-refused").querySelector("p").textContent = text; $("door-refused").hidden = !text; if (text) say(text); };

  // Hooks that the door page (door.js) fills in.
  const page = { show() {}, async ask() {}, async saved() {}, refused() {}, leave() {} };

  const show = () => {
    const { length } = queue();
    document.querySelectorAll("[data-waiting]").forEach((output) => { output.textContent = length; });
    troubles.forEach((name) => {
      const notice = $(`door-${name}`), isShown = trouble === name && (length > 0 || !["offline", "delayed"].includes(name));
      if (isShown && notice.hidden) say(notice.textContent);
      notice.hidden = !isShown;
    });
    if ($("door-unsent")) $("door-unsent").hidden = !length;
    page.show(trouble);
  };

  // Call the server. `trouble` in the result is the reason why the answer is unusable, or empty.
  const call = async (url, options) => {
    const controller = new AbortController(), timer = setTimeout(() => controller.abort(), 15000);
    try {
      const answer = await fetch(url, { ...options, headers: { "HX-Request": "true", ...options?.headers }, redirect: "manual", cache: "no-store", signal: controller.signal });
      const text = await answer.text(), { status } = answer, whose = answer.headers.get("Pedbasis-User");
      if (answer.type === "opaqueredirect") return { status, trouble: "signed-out" };
      if (whose && whose !== user) {
        location.reload(); // someone else signed in on this phone; the queue stays, for the user who tapped
        return { status, trouble: "someone-else" };
      }
      if (!whose || ![200, 304, 404, 422].includes(status)) return { status, trouble: "delayed" };
      return { status, text, trouble: status === 404 ? "not-host" : "" };
    } catch {
      return { trouble: "offline" };
    } finally {
      clearTimeout(timer);
    }
  };

  const post = (tap) => {
    const body = new URLSearchParams({ ...tap.body, age: Math.max(0, Date.now() - tap.at), csrfmiddlewaretoken: token });
    return call(tap.url, { method: "POST", body });
  };

  const send = async () => {
    let tap, isRenewed = false, refusals = 0;
    while ((tap = queue()[0])) {
      let answer = await post(tap);
      if (answer.status === 403 && answer.trouble === "delayed" && !isRenewed) {
        isRenewed = true; // signed in again in another tab, so the CSRF token here is outdated
        answer = await call(tap.url.replace(/(\/\d+\/).*/, "$1"));
        token = /csrfmiddlewaretoken" value="(\w+)/.exec(answer.text)?.[1] ?? token;
        if (!answer.trouble) continue;
      }
      trouble = answer.trouble;
      if (trouble === "not-host" && tap.door !== door) {
        trouble = "";
        forget(tap.door);
        note(lost);
        continue;
      }
      if (trouble) return;
      drop(tap.key);
      if (answer.status === 422) {
        refusals += 1;
        note(`${refusals > 1 ? refusedMore : refused} ${answer.text}`);
        if (tap.door === door) page.refused(tap);
      } else if (tap.door === door) await page.saved(answer.text);
      show();
    }
    if (refusals) trouble = (await page.ask()) ?? trouble;
  };

  const run = async () => {
    if (trouble === "not-host") return;
    do {
      try {
        if (queue().length) await send();
        else trouble = (await page.ask()) ?? trouble;
      } catch { trouble ||= "delayed"; }
    } while (queue().length && !trouble); // tapped in the meantime
    if (trouble === "not-host") {
      forget(door);
      page.leave();
    }
  };
  const tick = () => {
    running ||= run().finally(() => { running = null; show(); });
    return running;
  };

  const add = (what, url, fields) => {
    const id = random(), at = Date.now();
    const sequence = Math.max(at, Number(recall("door:sequence") || 0) + 1), device = recall("door:device") || random();
    store("door:sequence", sequence);
    store("door:device", device);
    store(`door:${user}:${door}:${id}`, JSON.stringify({ id, what, url, at, body: { ...fields, tap: id, device, sequence } }));
    note("");
    show();
    tick();
  };

  window.pedbasis.taps = { queue, add, call, tick, note, page };
  window.addEventListener("online", tick);
  window.addEventListener("storage", show);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) tick(); }); // not while the page is being hidden
  window.addEventListener("load", () => { show(); tick(); }); // door.js has been loaded by then
  setInterval(tick, 5000);
})();

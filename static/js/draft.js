// A form that is being filled in survives a lost connection: form[data-draft="WHAT:USER:WHERE"] is stored on this device
// while someone types, and offered when the page opens again. It is deleted when the form has been saved, when another
// user opens the page, and when someone signs out (pedbasis.js).
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const [what, user] = form.dataset.draft.split(":"), key = `draft:${form.dataset.draft}`, sent = `${key}:sent`;
  const notice = document.getElementById("draft-notice");
  const skipped = new Set(["csrfmiddlewaretoken", "gemeente"]);
  const values = () => JSON.stringify([...new FormData(form)].filter(([name, value]) => !skipped.has(name) && typeof value === "string"));
  const load = () => { try { return JSON.parse(localStorage.getItem(key)); } catch { return null; } };
  const drop = () => { try { localStorage.removeItem(key); } catch { /* storage is disabled */ } };

  try {
    Object.keys(localStorage).filter((name) => name.startsWith(`draft:${what}:`) && name.split(":")[2] !== user)
      .forEach((name) => localStorage.removeItem(name));
  } catch { /* storage is disabled */ }

  const before = values();
  const save = () => {
    if (values() === before) return;
    try { localStorage.setItem(key, JSON.stringify({ at: Date.now(), fields: values() })); } catch { /* storage is disabled */ }
  };
  form.addEventListener("input", save);
  form.addEventListener("change", save);
  form.addEventListener("submit", () => { save(); try { sessionStorage.setItem(sent, key); } catch { /* storage is disabled */ } });

  const draft = load();
  const is_refused = Boolean(form.querySelector(".error-summary"));
  if (!draft || draft.fields === before || is_refused) return;
  notice.hidden = false;
  notice.querySelector("[data-draft-restore]").addEventListener("click", () => {
    const fields = JSON.parse(draft.fields);
    [...form.elements].forEach((element) => {
      if (!element.name || skipped.has(element.name) || element.type === "hidden") return;
      const given = fields.filter(([name]) => name === element.name).map(([, value]) => value);
      if (["checkbox", "radio"].includes(element.type)) element.checked = given.includes(element.value);
      else if (given.length) [element.value] = given;
    });
    notice.hidden = true;
    form.elements.what?.focus();
    form.dispatchEvent(new Event("change", { bubbles: true }));
  });
  notice.querySelector("[data-draft-forget]").addEventListener("click", () => { drop(); notice.hidden = true; });
})();

// A draft of the form that closes a date, for when it could not be saved (offline, or signed out). It is stored in this
// tab for this host, and offered the next time. data-draft changes when a count is saved, which discards the draft.
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = form.dataset.draft, notice = document.getElementById("close-draft");
  const typed = ["head_adults", "head_children", "host_note"], seen = ["seen_adults", "seen_children"];
  const load = () => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };

  form.addEventListener("submit", () => {
    const draft = Object.fromEntries([...typed, ...seen].map((name) => [name, form.elements[name].value]));
    try { sessionStorage.setItem(key, JSON.stringify(draft)); } catch { /* storage may be disabled in private windows */ }
  });

  const draft = load();
  if (!notice || !draft || typed.every((name) => form.elements[name].value === draft[name])) return;
  notice.hidden = false;
  notice.querySelector("button").addEventListener("click", () => {
    Object.entries(draft).forEach(([name, value]) => { form.elements[name].value = value; });
    notice.hidden = true;
    form.elements[typed[0]].focus();
  });
})();

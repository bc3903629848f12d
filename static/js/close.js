// What a host filled in to close a date, and what could not be saved: no network, or signed out meanwhile. It is kept in
// this tab, for this host, and offered at the next try. Once a count was saved, data-draft is another.
(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const key = form.dataset.draft, notice = document.getElementById("close-draft");
  const typed = ["head_adults", "head_children", "host_note"], seen = ["seen_adults", "seen_children"];
  const kept = () => { try { return JSON.parse(sessionStorage.getItem(key)); } catch { return null; } };

  form.addEventListener("submit", () => {
    const draft = Object.fromEntries([...typed, ...seen].map((name) => [name, form.elements[name].value]));
    try { sessionStorage.setItem(key, JSON.stringify(draft)); } catch { /* a private window keeps nothing */ }
  });

  const draft = kept();
  if (!notice || !draft || typed.every((name) => form.elements[name].value === draft[name])) return;
  notice.hidden = false;
  notice.querySelector("button").addEventListener("click", () => {
    Object.entries(draft).forEach(([name, value]) => { form.elements[name].value = value; });
    notice.hidden = true;
    form.elements[typed[0]].focus();
  });
})();

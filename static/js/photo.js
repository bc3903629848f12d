// The form of a photo: sent in the background, so that losing the connection loses nothing of what was filled in.
(() => {
  const show = (id, on) => { const part = document.getElementById(id); if (part) part.hidden = !on; };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-photo]")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    show("photo-offline", false);
    show("photo-sending", true);
    try {
      // A redirect means that it is saved; the next page then has the message.
      const answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
      if (answer.type === "opaqueredirect") { location.assign(form.action); return; }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      document.querySelector("main").replaceWith(page.querySelector("main"));
      window.htmx?.process(document.querySelector("main"));
      document.querySelector("main [data-focus]")?.focus();
    } catch {
      delete form.dataset.busy;
      show("photo-sending", false);
      show("photo-offline", true);
      document.getElementById("photo-offline").focus();
    }
  }, true);
})();

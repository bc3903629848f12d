// The form of a photo: sent in the background, so that losing the connection loses nothing of what was filled in.
(() => {
  const show = (id, on) => { const part = document.getElementById(id); if (part) part.hidden = !on; };
  const tell = (id) => { show(id, true); document.getElementById(id)?.focus(); };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("form[data-photo]")) return;
    event.preventDefault();
    if (form.dataset.busy) return;
    form.dataset.busy = "1";
    show("photo-offline", false);
    show("photo-trouble", false);
    show("photo-sending", true);
    let answer, main;
    try {
      // A redirect means that it is saved; the next page then has the message.
      answer = await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (answer.status < 500) main = page.querySelector("main");
    } catch {
      answer = null;
    }
    delete form.dataset.busy;
    show("photo-sending", false);
    if (answer === null) tell("photo-offline");
    else if (answer.type === "opaqueredirect") location.assign(form.action);
    else if (!main) tell("photo-trouble"); // of the server, or of a proxy before it: the form stays as it is
    else {
      document.querySelector("main").replaceWith(main);
      window.htmx?.process(main);
      document.querySelector("main [data-focus]")?.focus();
    }
  }, true);

  // While the photo is being made, the page asks how it is: an error is no answer to that, and it asks again.
  document.addEventListener("htmx:before:swap", (event) => {
    const { sourceElement, response } = event.detail.ctx;
    if (sourceElement.closest("#photo-state") && !response.raw.ok) event.preventDefault();
  });
})();

// The map: a frame that is made when someone asks for it. The list on the page is complete without it.
(() => {
  const setUp = (block) => {
    if (block.dataset.ready) return;
    block.dataset.ready = "1";
    const button = block.querySelector("button");
    const box = block.querySelector(".map");
    button.hidden = false;
    button.addEventListener("click", () => {
      box.hidden = !box.hidden;
      button.setAttribute("aria-expanded", String(!box.hidden));
      if (box.firstChild) return;
      box.append(Object.assign(document.createElement("iframe"), { src: block.dataset.map, title: block.dataset.title }));
    });
  };
  const setUpAll = () => document.querySelectorAll("[data-map]").forEach(setUp);
  setUpAll();
  document.addEventListener("htmx:after:swap", setUpAll); // changed filters load a new list with its own map
})();

// The map. Leaflet is loaded only on request; the list on the page is complete without it.
(() => {
  const load = (make) => new Promise((resolve, reject) => {
    const element = make();
    element.addEventListener("load", resolve);
    element.addEventListener("error", reject);
    document.head.append(element);
  });
  const loadAll = async ({ leaflet, styles }) => {
    for (const href of styles.split(" ")) {
      await load(() => Object.assign(document.createElement("link"), { rel: "stylesheet", href }));
    }
    if (!window.L) await load(() => Object.assign(document.createElement("script"), { src: leaflet }));
  };
  const escape = (text) => Object.assign(document.createElement("i"), { textContent: text }).innerHTML;

  const draw = (box, words, { markers, towns }) => {
    const L = window.L;
    const named = markers.length === 1 || (markers.length <= 8 && box.clientWidth > 480); // otherwise labels appear on hover and focus
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const map = L.map(box, { zoomControl: false, attributionControl: Boolean(words.attribution), scrollWheelZoom: false, zoomAnimation: !still, fadeAnimation: !still, maxZoom: 17, minZoom: 6 });
    map.fitBounds(markers.map(({ lat, lon }) => [lat, lon]), { paddingTopLeft: [88, 56], paddingBottomRight: [named ? Math.min(280, box.clientWidth * .58) : 40, 40], maxZoom: words.tiles ? 15 : markers.length > 1 ? 13 : 12, animate: false });
    L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
    if (words.attribution) map.attributionControl.setPrefix("");
    if (words.tiles) L.tileLayer(words.tiles, { attribution: words.attribution, maxZoom: 19 }).addTo(map);
    map.createPane("towns").style.zIndex = 450; // below the markers
    towns.forEach(({ lat, lon, label }) => {
      L.tooltip({ permanent: true, direction: "bottom", className: "map-town", pane: "towns" }).setLatLng([lat, lon]).setContent(escape(label)).addTo(map);
    });
    const icon = L.divIcon({ className: "map-marker", iconSize: [48, 48], iconAnchor: [24, 36] });
    markers.forEach(({ lat, lon, label, url }) => {
      const link = Object.assign(document.createElement("a"), { href: url, textContent: label });
      const marker = L.marker([lat, lon], { icon, riseOnHover: true }).bindPopup(link).addTo(map);
      marker.getElement().setAttribute("aria-label", label);
      marker.bindTooltip(escape(label), { permanent: named, direction: "right", offset: [12, -14] });
      marker.on("popupopen", () => { marker.closeTooltip(); link.focus({ preventScroll: true }); });
      marker.on("popupclose", () => { if (named) marker.openTooltip(); });
    });
    return map;
  };

  const setUp = (block) => {
    const button = block.querySelector("button");
    if (block.dataset.ready) return;
    block.dataset.ready = "1";
    const box = block.querySelector(".map");
    const points = JSON.parse(block.querySelector("script").textContent);
    let map;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (map) {
        box.hidden = !box.hidden;
        button.setAttribute("aria-expanded", String(!box.hidden));
        if (!box.hidden) map.invalidateSize();
        return;
      }
      button.setAttribute("aria-busy", "true");
      try {
        await loadAll(block.dataset);
      } catch {
        button.insertAdjacentElement("afterend", Object.assign(document.createElement("p"), { className: "hint", textContent: block.dataset.failed }));
        button.hidden = true;
        window.pedbasis?.say(block.dataset.failed);
        return;
      } finally {
        button.removeAttribute("aria-busy");
      }
      box.hidden = false;
      button.setAttribute("aria-expanded", "true");
      map = draw(box, block.dataset, points);
    });
  };
  const setUpAll = () => document.querySelectorAll("[data-map]").forEach(setUp);
  setUpAll();
  document.addEventListener("htmx:after:swap", setUpAll); // changed filters load a new list with its own map
})();

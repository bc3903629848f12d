// The map in its frame: the markers of the page around it, on tiles, or on a drawn outline where there are none.
(async () => {
  const L = window.L;
  const box = document.getElementById("map");
  const words = box.dataset;
  // Leaflet focuses the map when it is pressed; the page around this frame must not scroll away from under the pointer.
  box.focus = () => HTMLElement.prototype.focus.call(box, { preventScroll: true });
  const around = window.frameElement?.closest("[data-map]");
  const { markers, towns } = around ? JSON.parse(around.querySelector("script").textContent) : { markers: [], towns: [] };
  const escape = (text) => Object.assign(document.createElement("i"), { textContent: text }).innerHTML;
  const named = markers.length === 1 || (markers.length <= 8 && box.clientWidth > 480); // otherwise labels appear on hover and focus
  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const map = L.map(box, { zoomControl: false, attributionControl: Boolean(words.attribution), scrollWheelZoom: false, zoomAnimation: !still, fadeAnimation: !still, maxZoom: 17, minZoom: 6 });
  if (markers.length) map.fitBounds(markers.map(({ lat, lon }) => [lat, lon]), { paddingTopLeft: [88, 56], paddingBottomRight: [named ? Math.min(280, box.clientWidth * .58) : 40, 40], maxZoom: words.tiles ? 15 : markers.length > 1 ? 13 : 12, animate: false });
  else map.setView([52.2, 5.4], 7);
  L.control.zoom({ zoomInTitle: words.zoomIn, zoomOutTitle: words.zoomOut }).addTo(map);
  map.attributionControl?.setPrefix("");

  const icon = L.divIcon({ className: "map-marker", iconSize: [48, 48], iconAnchor: [24, 36] });
  markers.forEach(({ lat, lon, label, url }) => {
    const link = Object.assign(document.createElement("a"), { href: url, textContent: label, target: "_top" });
    const marker = L.marker([lat, lon], { icon, riseOnHover: true }).bindPopup(link).addTo(map);
    marker.getElement().setAttribute("aria-label", label);
    marker.bindTooltip(escape(label), { permanent: named, direction: "right", offset: [12, -14] });
    marker.on("popupopen", () => { marker.closeTooltip(); link.focus({ preventScroll: true }); });
    marker.on("popupclose", () => { if (named) marker.openTooltip(); });
  });

  // The outline lies below the tiles, and stays in view as long as none has come.
  map.createPane("outline").style.zIndex = 150;
  map.createPane("names").style.zIndex = 450; // below the markers
  const names = L.layerGroup().addTo(map);
  const name = (latlng, text, kind) => L.tooltip({ permanent: true, direction: "center", className: `map-name map-name-${kind}`, pane: "names" }).setLatLng(latlng).setContent(escape(text)).addTo(names);
  if (words.tiles) {
    const tiles = L.tileLayer(words.tiles, { attribution: words.attribution, maxZoom: 19 }).addTo(map);
    tiles.once("tileload", () => names.remove());
  }
  towns.forEach(({ lat, lon, label }) => name([lat, lon], label, "town"));
  let outline;
  try {
    outline = await (await fetch(words.outline)).json();
  } catch {
    return; // no network, or the page is left: the markers and names are there
  }
  outline.features.forEach((feature) => {
    const { kind, name: text } = feature.properties;
    const layer = L.geoJSON(feature, { pane: "outline", interactive: false, className: `map-${kind}` }).addTo(map);
    if (!text) return;
    const line = layer.getLayers()[0].getLatLngs();
    name(kind === "river" ? line[Math.floor(line.length / 2)] : layer.getBounds().getCenter(), text, "water");
  });
  const near = () => box.classList.toggle("is-far", map.getZoom() < 9); // too far away to read the names of rivers
  map.on("zoomend", near);
  near();
})();

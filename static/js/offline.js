// The offline page: the dates that someone looked at last (kept by pedbasis.js), as they were then.
(() => {
  const section = document.getElementById("kept-dates");
  let dates = [];
  try { dates = JSON.parse(localStorage.dates || "[]").filter(({ until }) => Date.parse(until) > Date.now()); } catch { /* storage is disabled */ }
  dates.forEach(({ title, when, where }) => {
    const item = document.createElement("li");
    [["strong", when], ["span", title], ["span", where]].forEach(([name, text]) => {
      item.append(Object.assign(document.createElement(name), { textContent: text }), document.createElement("br"));
    });
    section.querySelector("ul").append(item);
  });
  section.hidden = !dates.length;
  window.addEventListener("online", () => location.reload());
})();

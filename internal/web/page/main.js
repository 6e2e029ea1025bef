// Which view is shown, and when it looks again.

import {since} from "./draw.js";
import {state, refresh} from "./look.js";
import {cluster} from "./cluster.js";
import {clients, client} from "./clients.js";
import {objects, oneObject} from "./objects.js";
import {thisProcess, connected, warnings, numbers} from "./process.js";

const every = 2000; // milliseconds between two looks
const $ = id => document.getElementById(id);

// Each view is the tab that it belongs to, and a function that makes it. A view has nodes,
// which stay, and update, which fills them again.
const views = {
  cluster: ["cluster", cluster], clients: ["clients", clients], client: ["clients", client],
  objects: ["objects", objects], object: ["objects", (id, kind, c) => oneObject(id, kind, c)],
  process: ["process", thisProcess], connected: ["connected", connected], warnings: ["warnings", warnings], numbers: ["numbers", numbers],
};
const tabs = [...document.querySelectorAll("nav [role=tab]")];
let view = null, paused = false, trouble = null;

function show() {
  const [name, ...parts] = location.hash.slice(1).split("/").map(decodeURIComponent);
  const [tab, make] = views[name] || views.cluster;
  for (const t of tabs) t.setAttribute("aria-selected", t.id === "tab-" + tab);
  view = make(...parts);
  $("view").setAttribute("aria-labelledby", "tab-" + tab);
  $("view").replaceChildren(...view.nodes);
  window.scrollTo(0, 0);
  draw();
}

// draw fills the present view, one time after the other. What cannot be had is told above it.
let drawing = false, again = false;
async function draw() {
  if (!state.now) return;
  if (drawing) { again = true; return; }
  drawing = true;
  do {
    again = false;
    const drawn = view;
    try {
      await drawn.update();
      trouble = null;
    } catch (e) {
      trouble = e.message;
      if (drawn !== view) again = true;
    }
  } while (again);
  drawing = false;
  head();
}

function head() {
  const now = state.now;
  if (!now) return;
  const p = now.process, name = p.name || "astrond", lost = state.lost;
  document.title = (lost ? "? " : now.ready ? "● " : "✕ ") + name;
  $("name").textContent = name;
  $("state").textContent = lost ? "not reachable" : now.ready ? "ready" : "not ready";
  $("state").className = "badge " + (!lost && now.ready ? "good" : "bad");
  $("facts").textContent = [p.host, "process " + p.pid, "up " + since(p.started, now.time), "astrond " + p.version, p.go, p.dc_hash && "DC hash " + p.dc_hash].filter(Boolean).join(" · ");
  tell(lost ? "The process does not answer (" + lost + "). What is shown is from " + new Date(now.time).toLocaleTimeString() + "." : [...(now.not_ready || []), trouble].filter(Boolean).join("\n"));
  $("tab-warnings").textContent = "Warnings" + (now.warnings.length ? " (" + now.warnings.length + ")" : "");
}
function tell(text) {
  $("trouble").textContent = text;
  $("trouble").hidden = !text;
}

async function look() {
  if (!paused && !document.hidden) {
    try {
      await refresh();
    } catch (e) {
      state.lost = e.message;
      if (!state.now) tell("The process does not answer (" + e.message + ").");
    }
    if (state.lost) head(); else await draw();
  }
  setTimeout(look, every);
}

for (const t of tabs) t.addEventListener("click", () => { location.hash = t.id.slice("tab-".length); });
$("pause").addEventListener("click", () => {
  paused = !paused;
  $("pause").textContent = paused ? "Go on" : "Pause";
  $("pause").setAttribute("aria-pressed", paused);
});
window.addEventListener("hashchange", show);
let soon = 0;
window.addEventListener("redraw", () => { clearTimeout(soon); soon = setTimeout(draw, 150); }); // a list wants other rows
show();
look();

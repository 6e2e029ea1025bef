// Elements, numbers for people, and the parts that all views are made of.

// el makes an element. Whatever comes from a process is text, never markup.
export function el(tag, attributes, ...children) {
  const e = document.createElement(tag);
  for (const [k, v] of Object.entries(attributes || {})) {
    if (typeof v === "function") e.addEventListener(k, v);
    else if (v != null && v !== false) e.setAttribute(k, v);
  }
  e.append(...children.flat().filter(c => c != null && c !== false).map(c => c instanceof Node ? c : String(c)));
  return e;
}

export const whole = n => Math.round(n).toLocaleString("en");
export function short(n) {
  if (Math.abs(n) < 9999.5) return n % 1 && Math.abs(n) < 10 ? n.toFixed(1) : whole(n);
  for (const [size, unit] of [[1e9, " G"], [1e6, " M"], [1e3, " k"]]) if (Math.abs(n) >= 0.9995 * size) return (n / size).toFixed(n / size < 100 ? 1 : 0) + unit;
}
export const many = (n, one, more) => short(n) + " " + (n === 1 ? one : more);
export function bytes(n) {
  for (const [size, unit] of [[2 ** 30, " GiB"], [2 ** 20, " MiB"], [2 ** 10, " KiB"]]) if (n >= size) return (n / size).toFixed(n / size < 10 ? 1 : 0) + unit;
  return whole(n) + " B";
}
export function ago(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return s + " s";
  if (s < 3600) return Math.floor(s / 60) + " min";
  if (s < 86400) return Math.floor(s / 3600) + " h " + Math.floor(s % 3600 / 60) + " min";
  return Math.floor(s / 86400) + " d " + Math.floor(s % 86400 / 3600) + " h";
}
export const since = (then, now) => ago((new Date(now) - new Date(then)) / 1000);
export function time(seconds) { return seconds < 0.001 ? (seconds * 1e6).toFixed(0) + " µs" : seconds < 1 ? (seconds * 1e3).toFixed(1) + " ms" : seconds.toFixed(2) + " s"; }
export const perSecond = r => r == null ? "…" : short(r) + " /s";
export const percent = n => n == null ? "…" : (100 * n).toFixed(n < 0.1 ? 1 : 0) + " %";

// A cell is what it shows, or [what it shows, its class].
function row(cells, kind = "td") {
  return el("tr", {}, ...cells.map(c => Array.isArray(c) ? el(kind, {class: c[1]}, c[0]) : el(kind, {}, c)));
}
export function table(head, rows, nothing) {
  if (!rows.length) return el("p", {class: "dim"}, nothing);
  return el("div", {class: "scroll"}, el("table", {}, el("thead", {}, row(head, "th")), el("tbody", {}, ...rows.map(r => row(r)))));
}
export const n = (v, show = whole) => [show(v), "n"];
export const heading = (text, small) => el("h2", {}, text, small ? el("small", {}, small) : null);
export const facts = pairs => el("dl", {class: "facts-list"}, ...pairs.filter(p => p).flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]));
export const to = (hash, text, more) => el("a", {href: "#" + hash, ...more}, text);
export const client = c => c && c !== "0" ? to("client/" + c, c) : "none";
export const object = id => id ? to("object/" + id, id) : "none";

// curve draws the values of ten minutes, of which the last one is now; gaps are null.
export function curve(values, points) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 " + (points - 1) + " 20");
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const top = Math.max(...values.map(v => v || 0), 1e-9);
  const line = document.createElementNS(svg.namespaceURI, "polyline");
  line.setAttribute("points", values.map((v, i) => v == null ? "" : (points - values.length + i) + "," + (19 - 18 * v / top)).filter(p => p).join(" "));
  svg.append(line);
  return svg;
}
export const tile = (title, value, more, drawn) => el("div", {class: "card tile"}, el("span", {class: "dim"}, title), el("b", {}, value), el("span", {class: "dim"}, more), drawn);

// redraw has the present view drawn again, soon.
export const redraw = () => window.dispatchEvent(new Event("redraw"));

// A pager turns the pages of a list whose rows follow a key; from is where a page begins.
export class Pager {
  constructor() { this.reset(); }
  reset() { this.from = "0"; this.before = []; }
  buttons(page, lastKey) {
    if (!this.before.length && !page.more) return null;
    const go = change => () => { change(); redraw(); };
    return el("div", {class: "pager"},
      el("button", {disabled: !this.before.length, click: go(() => { this.from = this.before.pop(); })}, "← Before"),
      el("button", {id: "next", disabled: !page.more, click: go(() => { this.before.push(this.from); this.from = (BigInt(lastKey) + 1n).toString(); })}, "Next →"));
  }
}

// finder is a field to search in; the view is drawn again when its text has changed, and
// its pager, if it has one, starts at the first page.
export function finder(id, what, pager) {
  return el("input", {type: "search", id, placeholder: what, "aria-label": what, input: () => { if (pager) pager.reset(); redraw(); }});
}

// asker is a field for one number, and a button that goes to hash(number).
export function asker(id, label, hash) {
  const field = el("input", {id, inputmode: "numeric", placeholder: label, "aria-label": label});
  return el("form", {class: "ask", submit: e => { e.preventDefault(); if (/^\d+$/.test(field.value.trim())) location.hash = hash(field.value.trim()); }},
    field, el("button", {}, "Ask"));
}

// The tree of objects, and one of them.

import {el, table, n, heading, whole, bytes, facts, finder, Pager, to, object, client, asker} from "./draw.js";
import {get} from "./look.js";
import {busy, opening, relation} from "./clients.js";
import {verdict} from "./why.js";

const place = o => o.parent ? to("objects/" + o.parent + "/" + o.zone, o.parent + ":" + o.zone) : "nowhere";

function path(parent, zone) {
  const parts = [to("objects", "All parents")];
  if (parent != null) parts.push(" › ", to("objects/" + parent, parent === "0" ? "without a parent" : "parent " + parent));
  if (zone != null) parts.push(" › ", "zone " + zone);
  if (parent && parent !== "0") parts.push(" (", to("object/" + parent, "the parent itself"), ")");
  return el("p", {class: "path"}, ...parts);
}

export function objects(parent, zone) {
  const shown = el("div", {}), pager = new Pager();
  const find = finder("find-objects", "Find a class or a doId in the whole cluster", pager);
  async function update() {
    const text = find.value.trim();
    if (text) return list(await get("objects", {find: text, from: pager.from, limit: 50}), "Objects found", "No object has that in its class or its doId.");
    if (zone != null || parent === "0") return list(await get("objects", {parent, zone: zone || 0, from: pager.from, limit: 50}), "Objects", "There are no objects.");
    const r = await get(parent ? "zones" : "parents", {parent, from: pager.from, limit: 50});
    const page = r.counts || {rows: [], total: 0}, last = page.rows[page.rows.length - 1];
    const most = Math.max(1, ...page.rows.map(c => c.objects));
    const link = c => parent ? to("objects/" + parent + "/" + c.id, c.id) : to("objects/" + c.id, c.id || "(no parent)");
    shown.replaceChildren(path(parent, zone),
      heading(parent ? "Zones" : "Parents", (page.more ? "more than " : "") + whole(page.rows.length) + " listed" + busy(r)),
      table([parent ? "Zone" : "Parent", ["Objects", "n"], ""], page.rows.map(c => [link(c), n(c.objects), el("meter", {min: 0, max: most, value: c.objects, "aria-hidden": "true"})]),
        parent ? "Parent " + parent + " has no objects." : "There are no objects in this cluster."),
      ...[pager.buttons(page, last ? last.id : "0")].filter(b => b));
  }
  function list(r, title, nothing) {
    const page = r.objects || {rows: [], total: 0}, last = page.rows[page.rows.length - 1];
    shown.replaceChildren(find.value.trim() ? path() : path(parent, zone),
      heading(title, whole(page.total) + busy(r)),
      table(["Object", "Class", "Location", "Owner", "AI", "Process"], page.rows.map(o => [object(o.do_id), [o.class, "name"], place(o), client(o.owner), o.ai === "0" ? "none" : o.ai, o.process]), nothing),
      ...[pager.buttons(page, last ? last.do_id : "0")].filter(b => b));
  }
  return {nodes: [find, shown], update};
}

export function oneObject(id, kind, channel) {
  const shown = el("div", {}), seen = el("div", {id: "viewers"}), answered = el("div", {id: "why"});
  const pager = new Pager();
  const ask = asker("why-client", "Does a client see it? Its channel", c => "object/" + id + "/why/" + c);
  async function update() {
    const r = await get("object", {object: id});
    const held = r.object || [], active = held.find(o => o.active);
    if (kind === "why") await verdict(answered, channel, id);
    shown.replaceChildren(
      ...(held.length ? held.flatMap(one) : [heading("Object " + id), el("p", {class: "dim"}, "No state server has this object, and it is in no range of a DBSS. Is it stored? astrond db get " + id)]),
      ...(held.filter(o => o.active).length > 1 ? [el("p", {class: "bad"}, "More than one state server has this object.")] : []));
    const v = await get("viewers", active ? {object: id, parent: active.parent, zone: active.parent ? active.zone : null, ai: active.ai, owner: active.owner, from: pager.from, limit: 50} : {object: id, from: pager.from, limit: 50});
    viewers(v, pager);
  }
  function viewers(v, pager) {
    const page = v.viewers || {rows: [], total: 0}, last = page.rows[page.rows.length - 1];
    seen.replaceChildren(
      heading("Who sees it", whole(page.total) + " clients know it or look at its location" + busy(v)),
      table(["Client", "How", "Its interests there", "", "Process"], page.rows.map(c => [client(c.channel), [relation(c), c.sees || c.owns ? "" : "bad"], (c.interests || []).join(", ") || "none", c.opening ? opening(c.opening) : "", c.process]), "No client knows it."),
      ...[pager.buttons(page, last ? last.channel : "0")].filter(b => b),
      heading("Others that hear of it", "participants that are not clients: AIs"),
      table(["Name", "Address", "Hears", "Process"], (v.hearers || []).map(h => [[h.name, "name"], h.address || "–", "its " + h.hears.join(", "), h.process]), "None."));
  }
  return {nodes: [shown, heading("Why does a client see it, or not?"), ask, answered, seen], update};
}

function one(o) {
  if (!o.active) return [heading("Object " + o.do_id, o.process + " · " + o.role), el("p", {class: "warn"}, "It is not active. This DBSS is responsible for it. What is stored: astrond db get " + o.do_id)];
  return [
    heading(o.class + " " + o.do_id, o.process + " · " + o.role),
    facts([["Location", place(o)], ["Owner", client(o.owner)], ["AI", o.ai === "0" ? "none" : o.ai],
      ["Children that it knows", o.children ? to("objects/" + o.do_id, whole(o.children)) : "none"], ["Bytes of its fields", bytes(o.bytes)]]),
    heading("Fields", "those that it keeps"),
    table(["Field", "Value", "Keywords", "Clients"], (o.fields || []).map(f => [[f.name, "name"], [JSON.stringify(f.value), "text"], [(f.keywords || []).join(" "), "dim"],
      f.hidden ? "are not told" : f.owner ? "only its owner" : "are told"]), "It keeps no fields."),
    o.unlisted ? el("p", {class: "dim"}, whole(o.unlisted) + " more fields are not listed: they are too long.") : ""];
}

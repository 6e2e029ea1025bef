// This process: its roles, its place on the backbone, who is connected with it, its
// warnings and all its numbers.

import {el, table, n, heading, whole, short, bytes, time, perSecond, since, ago, finder} from "./draw.js";
import {state, processes} from "./look.js";
import {tiles} from "./cluster.js";

// Reading the snapshot: sums over all samples of a metric whose labels fit.
function samples(snapshot, name, fit) {
  return ((snapshot && snapshot.metrics[name]) || []).filter(s => Object.entries(fit || {}).every(([k, v]) => (s.labels || {})[k] === v));
}
const sum = (name, fit, snapshot = state.now, of = "value") => samples(snapshot, name, fit).reduce((n, s) => n + (s[of] || 0), 0);
const span = () => state.before ? (new Date(state.now.time) - new Date(state.before.time)) / 1000 : 0;
function rate(name, fit) { // a second; null where it is not known yet
  return span() > 0 ? Math.max(0, sum(name, fit) - sum(name, fit, state.before)) / span() : null;
}

// What matters of a role, by its type.
function roleNumbers(role) {
  const of = {role: role.name}, ca = "astrond_clientagent_", ss = "astrond_stateserver_", db = "astrond_database_", dbss = "astrond_dbss_";
  const mean = name => { const c = sum(name, of); return c ? time(sum(name, of, state.now, "sum") / c) : "–"; };
  switch (role.type) {
  case "messagedirector": return [["connections", whole(sum("astrond_messagedirector_connections"))], ["datagrams that came by", perSecond(rate("astrond_datagrams_routed_total"))]];
  case "clientagent": return [
    ["clients, logged in", whole(sum(ca + "clients", of)) + ", " + whole(sum(ca + "clients_established", of))],
    ["room for more", short(sum(ca + "free_channels", of))],
    ["from clients, to clients", perSecond(rate(ca + "datagrams_in_total", of)) + ", " + perSecond(rate(ca + "datagrams_out_total", of))],
    ["waiting for clients, for us", bytes(sum(ca + "queued_bytes", of)) + ", " + bytes(sum(ca + "waiting_bytes", of))],
    ["away, came back, came from other agents", [ca + "waiting", ca + "resumed_total", ca + "taken_over_total"].map(m => whole(sum(m, of))).join(", ")],
    ["an interest takes", mean(ca + "interest_seconds")],
    ["interests too late", whole(sum(ca + "interest_timeouts_total", of))],
    ["ejected, lost, refused", [ca + "ejects_total", ca + "lost_total", ca + "refused_total"].map(m => whole(sum(m, of))).join(", ")]];
  case "stateserver": return [
    ["objects", whole(sum(ss + "objects", of))], ["bytes of their fields", bytes(sum(ss + "object_bytes", of))],
    ["messages", perSecond(rate(ss + "messages_total", of))], ["sent", perSecond(rate(ss + "sent_total", of))],
    ["waiting to be handled", bytes(sum(ss + "queued_bytes", of))], ["refused", whole(sum(ss + "refused_total", of))]];
  case "database": return [
    ["requests", perSecond(rate(db + "requests_total", of))], ["a request takes", mean(db + "request_seconds")],
    ["waiting or under way", whole(sum(db + "queue", of))],
    ["not done", whole(sum(db + "requests_total", of) - sum(db + "requests_total", {...of, result: "done"}))]];
  case "dbss": return [
    ["objects", whole(sum(dbss + "objects", of))], ["loading", whole(sum(dbss + "loading", of))],
    ["an activation takes", mean(dbss + "activate_seconds")], ["messages", perSecond(rate(dbss + "messages_total", of))],
    ["failed, refused", whole(sum(dbss + "failed_total", of)) + ", " + whole(sum(dbss + "refused_total", of))]];
  case "eventlogger": return [
    ["written", perSecond(rate("astrond_eventlogger_written_total", of))], ["in all", whole(sum("astrond_eventlogger_written_total", of))],
    ["refused, lost", whole(sum("astrond_eventlogger_refused_total", of)) + ", " + whole(sum("astrond_eventlogger_lost_total", of))]];
  }
  return [];
}
function roleState(role) {
  const colour = {running: "good", stopped: "dim", starting: "warn"}[role.state] || "bad";
  return el("span", {class: "badge " + colour}, role.state);
}

export function thisProcess() {
  const shown = el("div", {});
  function update() {
    const now = state.now, b = now.backbone, left = sum("astrond_backbone_lost_sessions"), me = processes().filter(p => p.here);
    const cards = now.roles.map(role => el("div", {class: "card", "data-role": role.name},
      el("h3", {}, role.name, roleState(role)),
      role.problem ? el("p", {class: "bad"}, role.problem) : null,
      role.addresses ? el("p", {class: "dim"}, role.addresses.join(", ")) : null,
      el("dl", {}, ...roleNumbers(role).flatMap(([k, v]) => [el("dt", {}, k), el("dd", {}, v)]))));
    const peers = b.peers.map(p => [[p.name || "(no name yet)", "name"], n(p.participants), n(p.post_removes), [since(p.heard, now.time) + " ago", "n"], [p.origin, "dim"]]);
    shown.replaceChildren(
      me.length ? tiles(me, h => h.host === now.process.host && h.pid === now.process.pid) : "",
      heading("Roles"), cards.length ? el("div", {class: "cards"}, ...cards) : el("p", {class: "dim"}, "This process has no roles."),
      heading("Backbone", [b.connected ? "connected" : "not connected", b.url, b.subjects, b.upstream && "below " + b.upstream, left && whole(left) + " sessions of processes that are gone wait for their clients"].filter(Boolean).join(" · ")),
      table(["Other process", ["Participants", "n"], ["Post-removes kept for it", "n"], ["Heard", "n"], "Origin"], peers, "No other process is on this backbone."),
      ...unheard(b.unheard || []), ...byClass(now), heading("Latest warnings"), warningTable(now.warnings.slice(0, 5)));
  }
  return {nodes: [shown], update};
}

// unheard are the messages of this process that nobody received, if there are some.
function unheard(all) {
  if (!all.length) return [];
  return [heading("Nobody received", "messages of this process; the log says what was probably meant"),
    table(["Message", "Kind of channel", ["Times", "n"], ["Last to", "n"], ["From", "n"], ["When", "n"]],
      all.map(u => [[u.message, "name"], [u.kind, u.severe ? "bad" : ""], n(u.count), [u.to, "n"], [u.from, "n"], [since(u.last, state.now.time) + " ago", "n"]]), "")];
}

// byClass are the objects of this process, if it can have some.
function byClass(now) {
  const classes = {};
  for (const [metric, key] of [["astrond_stateserver_objects", "objects"], ["astrond_dbss_objects", "objects"], ["astrond_stateserver_object_bytes", "bytes"], ["astrond_dbss_object_bytes", "bytes"]])
    for (const s of samples(now, metric)) {
      const c = classes[s.labels.dclass + " " + s.labels.role] = classes[s.labels.dclass + " " + s.labels.role] || {...s.labels, objects: 0, bytes: 0};
      c[key] += s.value;
    }
  const all = Object.values(classes).filter(c => c.objects > 0).sort((a, b) => b.objects - a.objects), most = all.length ? all[0].objects : 1;
  if (!now.roles.some(r => r.type === "stateserver" || r.type === "dbss")) return [];
  return [heading("Objects by class", whole(all.reduce((n, c) => n + c.objects, 0)) + " in all"),
    table(["Class", "Where", ["Objects", "n"], "", ["Bytes of fields", "n"], ["Each", "n"]],
      all.map(c => [[c.dclass, "name"], c.role, n(c.objects), el("meter", {min: 0, max: most, value: c.objects, "aria-hidden": "true"}), n(c.bytes, bytes), n(c.bytes / c.objects, bytes)]),
      "There are no objects in this process.")];
}

export function connected() {
  const shown = el("div", {});
  const find = finder("find-connected", "Find a name or an address");
  function update() {
    const now = state.now, text = find.value.toLowerCase();
    const rows = list => list.filter(p => (p.name + " " + (p.address || "") + " " + (p.url || "")).toLowerCase().includes(text)).map(p => [
      [p.url && /^https?:/.test(p.url) ? el("a", {href: p.url, rel: "noreferrer noopener"}, p.name) : p.name, "name"], p.address ? p.address + (p.dialect ? " (" + p.dialect + ")" : "") : n(p.count),
      n(p.channels), n(p.ranges), n(p.post_removes), [bytes(p.queued_bytes), p.queued_bytes > 1 << 20 ? "n bad" : "n"]]);
    const age = (new Date(now.time) - new Date(now.listed)) / 1000, old = age > 3 ? ", " + ago(age) + " ago: there are very many participants" : "";
    const head = second => ["Name", second, ["Channels", "n"], ["Ranges", "n"], ["Post-removes", "n"], ["Queued", "n"]];
    shown.replaceChildren(
      heading("On the message director port", whole(now.connections.length) + " listed" + old),
      table(head("Address"), rows(now.connections), text ? "None is called that." : "Nobody is connected."),
      heading("In this process", "roles, clients, objects by class"),
      table(head(["How many", "n"]), rows(now.others), text ? "None is called that." : "There is nobody."),
      now.unlisted ? el("p", {class: "dim"}, whole(now.unlisted) + " more are not listed: those with the least queued and the fewest channels.") : "");
  }
  return {nodes: [find, shown], update};
}

function warningTable(list) {
  return table(["When", "Level", "What"], list.map(w => [
    el("time", {datetime: w.time, title: w.time}, since(w.time, state.now.time) + " ago"),
    [w.level, {warning: "warn", security: "warn"}[w.level] || "bad"], [w.text, "text"]]), "No warnings since the start.");
}
export function warnings() {
  const shown = el("div", {});
  return {nodes: [shown], update: () => shown.replaceChildren(heading("Warnings of this process", "the newest first; the log has all"), warningTable(state.now.warnings))};
}

export function numbers() {
  const shown = el("div", {});
  const find = finder("find-numbers", "Find a number");
  function update() {
    const text = find.value.toLowerCase(), rows = [], metrics = state.now.metrics;
    for (const name of Object.keys(metrics).sort())
      for (const s of metrics[name]) {
        const labels = Object.entries(s.labels || {}).map(([k, v]) => k + "=" + v).join(" ");
        if (!(name + " " + labels).toLowerCase().includes(text)) continue;
        const r = name.endsWith("_total") || s.sum ? perSecond(rate(name, s.labels)) : "";
        rows.push([[name, "name"], [labels, "dim name"], n(s.value, v => v.toLocaleString("en")), [r, "n"], [s.sum && s.value ? (name.endsWith("_bytes") ? bytes : time)(s.sum / s.value) : "", "n"]]);
      }
    shown.replaceChildren(heading("All numbers of this process", "by their names in Prometheus"),
      table(["Name", "Labels", ["Value", "n"], ["Rate", "n"], ["Mean", "n"]], rows, "None is called that."));
  }
  return {nodes: [find, shown], update};
}

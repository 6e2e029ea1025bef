// All processes, with their sums.

import {el, table, n, heading, tile, curve, whole, short, many, bytes, percent, perSecond, since, facts, finder} from "./draw.js";
import {state, processes, gone, past, points, title} from "./look.js";

const sum = (all, key) => all.reduce((s, p) => s + (p[key] || 0), 0);
const roles = p => p.roles.map(r => r.type);

// tiles are the sums of some processes. What none of them can have is left out.
export function tiles(all, chosen) {
  const has = (...types) => all.some(p => roles(p).some(r => types.includes(r)));
  const draw = (name, key, value, more) => tile(name, value, more, curve(past(key, chosen), points));
  return el("div", {class: "tiles"},
    has("clientagent") && draw("Clients", "clients", whole(sum(all, "clients")), whole(sum(all, "established")) + " logged in"),
    has("stateserver", "dbss") && draw("Objects", "objects", short(sum(all, "objects")), "of state servers and DBSS"),
    draw("Participants", "participants", short(sum(all, "participants")), many(all.length, "process", "processes")),
    draw("Sent", "sent", perSecond(sum(all, "sent")), "datagrams of participants"),
    draw("Delivered", "delivered", perSecond(sum(all, "delivered")), "datagrams to participants"),
    draw("On NATS", "out", perSecond(sum(all, "out")), "out; " + perSecond(sum(all, "in")) + " in"),
    draw("Processor", "cpu", percent(sum(all, "cpu")), "of one core"),
    draw("Memory", "memory", bytes(sum(all, "memory")), "resident"));
}

const colours = {running: "good", stopped: "dim", starting: "warn"};
const badge = (text, colour) => el("span", {class: "badge " + colour}, text);

export function claimText(c) {
  const range = c.lo === c.hi ? c.lo : c.lo + "–" + c.hi;
  return {clients: "clients " + range, control: "control " + range, objects: "objects " + range, "any object": "any object"}[c.service] || c.service + " " + range;
}

function card(p) {
  const name = title(p), url = p.url && /^https?:/.test(p.url) ? p.url : null;
  const numbers = [
    roles(p).includes("clientagent") && ["clients, logged in", whole(p.clients) + ", " + whole(p.established)],
    roles(p).some(r => r === "stateserver" || r === "dbss") && ["objects", whole(p.objects)],
    ["participants", whole(p.participants)],
    ["sent, delivered", perSecond(p.sent) + ", " + perSecond(p.delivered)],
    ["to NATS, from NATS", perSecond(p.out) + ", " + perSecond(p.in)],
    ["processor, memory", percent(p.cpu) + ", " + bytes(p.memory)],
    ["warnings since the start", whole(p.warnings)]];
  return el("div", {class: "card process", "data-process": name},
    el("h3", {}, p.here ? el("a", {href: "#process"}, name) : url ? el("a", {href: url, rel: "noreferrer"}, name) : name, badge(p.ready ? "ready" : "not ready", p.ready ? "good" : "bad")),
    el("p", {class: "dim"}, [p.host, "process " + p.pid, "up " + since(p.started, p.time), "astrond " + p.version, p.dc_hash && "DC hash " + p.dc_hash, p.here && "this page"].filter(Boolean).join(" · ")),
    ...(p.here ? [] : p.not_ready || []).map(why => el("p", {class: "bad"}, why)),
    p.roles.length ? el("p", {}, ...p.roles.map(r => badge(r.name, colours[r.state] || "bad"))) : el("p", {class: "dim"}, "No roles."),
    facts(numbers),
    p.claims ? el("p", {class: "dim"}, "Serves " + p.claims.map(claimText).join(", ")) : null);
}

export function cluster() {
  const find = finder("find-cluster", "Find a process, a role, a host");
  const shown = el("div", {});
  function draw() {
    const text = find.value.toLowerCase(), all = processes();
    const wanted = all.filter(p => (title(p) + " " + p.host + " " + p.roles.map(r => r.name).join(" ")).toLowerCase().includes(text));
    const silent = (state.cluster && state.cluster.silent) || [];
    const troubles = (state.cluster && state.cluster.troubles) || [];
    find.hidden = all.length < 6;
    shown.replaceChildren(
      ...(troubles.length ? [el("div", {class: "banner", id: "cluster-trouble"}, troubles.join("\n"))] : []),
      tiles(wanted, h => wanted.some(p => p.host === h.host && p.pid === h.pid)),
      heading("Processes", many(wanted.length, "process", "processes")),
      el("div", {class: "cards"}, ...wanted.map(card)),
      ...(gone.size ? [heading("Gone since this page was opened"),
        table(["Name", ["Last heard", "n"]], [...gone.values()].map(p => [[p.name, "name"], [since(p.at, state.cluster.time) + " ago", "n"]]), "")] : []),
      ...(silent.length ? [heading("Not answering", "other nodes on this backbone: older processes, tools, and processes that are frozen or were just killed"),
        table(["Name", ["Heard", "n"], "Origin"], silent.map(p => [[p.name || "(no name yet)", "name"], [since(p.heard, state.cluster.time) + " ago", "n"], [p.origin, "dim"]]), "")] : []));
  }
  return {nodes: [find, shown], update: draw};
}

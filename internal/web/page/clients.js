// The clients of the cluster, and one of them.

import {el, table, n, heading, tile, whole, many, bytes, perSecond, since, facts, finder, Pager, to, object, asker} from "./draw.js";
import {get} from "./look.js";
import {verdict} from "./why.js";

const stateBadge = s => el("span", {class: "badge " + ({established: "good", anonymous: "warn"}[s] || "dim")}, s);
const own = (owns, sees) => owns && owns.length ? el("span", {}, ...owns.flatMap((id, i) => i ? [", ", object(id)] : [object(id)])) : "–";

export function clients() {
  const shown = el("div", {}), pager = new Pager();
  const find = finder("find-clients", "Find a channel, an account, an avatar, an address", pager);
  async function update() {
    const r = await get("clients", {find: find.value.trim(), from: pager.from, limit: 50});
    const page = r.clients || {rows: [], total: 0};
    const last = page.rows[page.rows.length - 1];
    shown.replaceChildren(
      heading("Clients", whole(page.total) + (find.value ? " found" : " in all") + busy(r)),
      table(["Channel", "State", "Account", "Owns", ["Sees", "n"], ["Interests", "n"], ["Waiting for it", "n"], ["Connected", "n"], "Address", "Process"],
        page.rows.map(c => [to("client/" + c.channel, c.channel), stateBadge(c.state), c.account || "–", own(c.owns), n(c.sees), n(c.interests),
          [bytes(c.queued), c.queued > 1 << 20 ? "n bad" : "n"], [since(c.since, r.time), "n"], c.address, c.process]),
        find.value ? "No client has that." : "No client is connected."),
      ...[pager.buttons(page, last ? last.channel : "0")].filter(b => b));
  }
  return {nodes: [find, shown], update};
}

// busy says who could not answer.
export function busy(r) {
  const names = (r.busy || []).map(p => p.name || p.host + ":" + p.pid);
  return names.length ? " · busy, not asked: " + names.join(", ") : "";
}

export function opening(o) {
  if (!o) return el("span", {class: "good"}, "open");
  const s = (o.for_ns / 1e9).toFixed(1) + " s";
  const what = o.counted ? o.answered + " of " + o.total + " objects have answered" : "the parent has not answered";
  return el("span", {class: "bad"}, (o.late ? "late: " : "opening: ") + what + ", " + s);
}

export function relation(k) {
  const words = [k.owns && "owns it", k.session && "session object", k.sees && "sees it", k.declared && "declared", k.uberdog && "UberDOG", k.knew && !k.sees && !k.owns && "saw it before"];
  return words.filter(Boolean).join(", ") || "does not know it";
}

export function client(channel, kind, id) {
  const shown = el("div", {}), rest = el("div", {}), answered = el("div", {id: "why"});
  const ask = asker("why-object", "Does it see an object? Its doId", o => "client/" + channel + "/why/" + o);
  let before = null;
  async function update() {
    const r = await get("client", {client: channel});
    if (kind === "why") await verdict(answered, channel, id);
    if (!r.client) {
      shown.replaceChildren(heading("Client " + channel), el("p", {class: "dim"}, "No client agent of the cluster has a client with this channel." + busy(r)));
      rest.replaceChildren();
      return;
    }
    shown.replaceChildren(...r.client.flatMap(c => one(c, before && before.find(b => b.agent === c.agent && b.process === c.process && b.since === c.since))));
    rest.replaceChildren(...r.client.flatMap(known));
    before = r.client;
  }
  return {nodes: [shown, heading("Why does it see an object, or not?"), ask, answered, rest], update};
}

function one(c, before) {
  const seconds = before ? (new Date(c.time) - new Date(before.time)) / 1000 : 0;
  const rate = (way, what) => seconds > 0 ? (c[way][what] - before[way][what]) / seconds : null;
  return [
    heading("Client " + c.channel, c.process + " · " + c.agent),
    el("p", {}, stateBadge(c.state)),
    el("div", {class: "tiles"},
      tile("From the client", perSecond(rate("in", "datagrams")), whole(c.in.datagrams) + " datagrams, " + bytes(c.in.bytes)),
      tile("To the client", perSecond(rate("out", "datagrams")), whole(c.out.datagrams) + " datagrams, " + bytes(c.out.bytes)),
      tile("Waiting for it", bytes(c.queued), "not yet read by the client"),
      tile("Sees", whole(c.sees), "objects, in " + many(c.zones, "zone", "zones"))),
    facts([["Address", c.address + " to " + c.local], ["Connected for", since(c.since, c.time)],
      ["Channel of its range", c.channel], c.sender !== c.channel && ["Sends as", c.sender],
      c.account && ["Account (upper half of it)", object(c.account)],
      c.account && ["Avatar (lower half)", object(Number(BigInt(c.sender) & 0xffffffffn))],
      ["Channels", whole(c.channels)], c.opened && ["Opened for it", c.opened.join(", ")],
      ["Owns", own(c.owns)]])];
}

function known(c) {
  return [
    heading("Interests", whole(c.open.length)),
    table([["Number", "n"], "Parent", "Zones", "State"], c.open.map(i => [i.rule ? "rule" : n(i.id), to("objects/" + i.parent, i.parent),
      el("span", {}, ...i.zones.flatMap((z, j) => [j ? ", " : "", to("objects/" + i.parent + "/" + z, z)]), i.unlisted ? " and " + whole(i.unlisted) + " more" : ""), opening(i.opening)]),
    "It has no interests, so it sees nothing but what it owns."),
    heading("Objects that it knows", whole(c.known.length + c.unlisted)),
    table(["Object", "Class", "Location", "How"], c.known.map(k => [object(k.do_id), k.class || "–",
      k.parent ? to("objects/" + k.parent + "/" + k.zone, k.parent + ":" + k.zone) : "–", relation(k)]), "It knows no objects."),
    c.unlisted ? el("p", {class: "dim"}, whole(c.unlisted) + " more are not listed: ask for one below.") : ""];
}

// Why a client sees an object, or does not.

import {el, client, object} from "./draw.js";
import {get} from "./look.js";

export async function verdict(into, channel, id) {
  const v = await get("why", {client: channel, object: id});
  into.replaceChildren(el("div", {class: "card verdict"},
    el("h3", {}, el("span", {}, "Client ", client(channel), v.sees ? " sees object " : " does not see object ", object(id)), el("span", {class: "badge " + (v.sees ? "good" : "bad")}, v.sees ? "sees it" : "does not see it")),
    ...v.because.map((b, i) => el("p", {class: i ? "dim" : ""}, b))));
}

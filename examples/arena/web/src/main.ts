import { Client, ConnectionClosed, Ejected } from "natstron-client";
import { LoginManager, dc } from "./arena.dc.js";
import { Picture } from "./draw.js";
import { Firefly, Player } from "./objects.js";
import { Page, type Credentials } from "./page.js";
import { Walk } from "./walk.js";

/** The doId of the login manager, and the version, as astrond.yml has them. */
const loginManager = 4665;
const version = "arena-1";

/** Milliseconds between two updates of where the player's own avatar is, as in objects.ts. */
const every = 100;

const client = new Client({
  url: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/`,
  dc,
  version,
  classes: [Player, Firefly],
});
const page = new Page();
const picture = new Picture(page.canvas);
const walk = new Walk(page.canvas);

/**
 * Ejections after which the page logs in again: a lost avatar, the end of the server, a phone that
 * slept, a session that has not waited long enough.
 */
const passing = new Set([153, 154, 345, 347, 348, 360, 361, 362]);

/** The player's own avatar. */
let me: Player | undefined;
/** With what to log in again if the connection is lost. */
let known: Credentials | undefined;
let tries = 0;

async function logIn(credentials: Credentials): Promise<void> {
  page.busy();
  try {
    await client.connect();
    client.refer(LoginManager, loginManager).send("login", credentials.name, credentials.password);
    known = credentials;
  } catch (e) {
    // What ended the connection is told by the event close.
    if (e instanceof ConnectionClosed) return;
    client.close();
    page.gate(e instanceof Error ? e.message : String(e));
  }
}

page.onLogin = (credentials) => {
  known = undefined;
  tries = 0;
  void logIn(credentials);
};

page.onChat = (text) => {
  if (!me) return;
  me.send("setChat", text);
  me.setChat(text); // the server does not send it back
};

client.on("owner", (object) => {
  if (!(object instanceof Player)) return;
  me = object.owned ? object : undefined;
  if (!me) return;
  tries = 0;
  me.control();
  page.playing();
  void client.keepSession().catch(() => {}); // the event close tells the rest
});

client.on("away", () => page.away(true));
client.on("back", (unsure) => {
  page.away(false);
  if (unsure) me?.tellAgain();
});

client.on("enter", (object) => {
  if (object instanceof Player) object.onChat = (text) => page.said(object.name, text);
});

client.on("close", (why) => {
  if (!known || (why instanceof Ejected && !passing.has(why.code))) {
    known = undefined;
    page.gate(why instanceof Ejected ? why.text || why.message : "The server does not answer. Is it running?");
    return;
  }
  // The network or the server is away: the page logs in as soon as it is back.
  const credentials = known;
  page.waiting();
  setTimeout(() => known === credentials && void logIn(credentials), Math.min(1000 * 2 ** tries++, 10_000));
});

// Otherwise the avatar would stand there as long as its player may come back.
addEventListener("pagehide", () => client.close());

let last = performance.now();
let sent = 0;

function frame(now: number): void {
  const seconds = Math.min((now - last) / 1000, 0.1);
  last = now;
  if (me) {
    me.step(walk.direction(picture.onScreen(me.at(now))), seconds);
    if (now - sent >= every) {
      sent = now;
      me.tell();
    }
  }
  const objects = [...client.objects.values()];
  const players = objects.filter((o) => o instanceof Player);
  picture.draw(now, players, objects.filter((o) => o instanceof Firefly), me, walk.goal);
  page.board(players, me);
  requestAnimationFrame(frame);
}
requestAnimationFrame(frame);

// For the browser's console, and for tests.
Object.assign(globalThis, { arena: { client, players: () => [...client.objects.values()].filter((o) => o instanceof Player) } });

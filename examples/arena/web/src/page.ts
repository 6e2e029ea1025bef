import type { Player } from "./objects.js";

/** What a player logs in with. */
export interface Credentials {
  name: string;
  password: string;
}

/** How many lines of chat are shown, and for how many milliseconds. */
const lines = 5;
const shown = 15_000;

/** The forms and lists of the page. All that players write is text. */
export class Page {
  readonly canvas = find<HTMLCanvasElement>("meadow");
  onLogin: (credentials: Credentials) => void = () => {};
  onChat: (text: string) => void = () => {};
  readonly #gate = find("gate");
  readonly #login = find<HTMLFormElement>("login");
  readonly #name = find<HTMLInputElement>("name");
  readonly #password = find<HTMLInputElement>("password");
  readonly #trouble = find("trouble");
  readonly #board = find("board");
  readonly #talk = find("talk");
  readonly #text = find<HTMLInputElement>("text");
  readonly #log = find("log");
  #listed = "";

  constructor() {
    this.#name.value = localStorage.getItem("name") ?? "";
    if (this.#name.value) this.#password.focus();
    this.#login.addEventListener("submit", (e) => {
      e.preventDefault();
      const name = this.#name.value.trim();
      localStorage.setItem("name", name);
      this.onLogin({ name, password: this.#password.value });
    });
    find("chat").addEventListener("submit", (e) => {
      e.preventDefault();
      const text = short(this.#text.value.trim());
      this.#text.value = "";
      if (text) this.onChat(text);
      this.#text.blur();
    });
    addEventListener("keydown", (e) => {
      if (this.#talk.hidden) return;
      if (e.key === "Escape") this.#text.blur();
      if (e.key !== "Enter" || e.target instanceof HTMLInputElement || e.target instanceof HTMLButtonElement) return;
      e.preventDefault();
      this.#text.focus();
    });
  }

  /** The login is under way. */
  busy(): void {
    this.#trouble.textContent = "";
    this.#enable(false);
  }

  /** Shows the login, and why. */
  gate(why: string): void {
    this.#show(false);
    this.#enable(true);
    this.#trouble.textContent = why;
    this.#password.select();
  }

  /** The connection is lost, and will be made again. */
  waiting(): void {
    this.#show(false);
    this.#enable(false);
    this.#trouble.textContent = "The connection was lost. Trying again …";
  }

  /** The connection is lost while the game goes on, or is there again. */
  away(is: boolean): void {
    find("away").hidden = !is;
  }

  /** The player is in. */
  playing(): void {
    this.#show(true);
    this.#password.value = "";
    (document.activeElement as HTMLElement | null)?.blur();
  }

  /** Shows who is here, the one with the most points first. */
  board(players: readonly Player[], me: Player | undefined): void {
    const sorted = [...players].sort((a, b) => b.points - a.points || a.doId - b.doId);
    const listed = sorted.map((p) => `${p.doId} ${p.name} ${p.points} ${p === me}`).join("\n");
    if (listed === this.#listed) return;
    this.#listed = listed;
    find("count").textContent = String(sorted.length);
    find("players").replaceChildren(
      ...sorted.map((p) => {
        const dot = element("span", "dot");
        dot.style.background = `hsl(${p.hue} 60% 55%)`;
        const item = element("li", p === me ? "me" : "");
        item.append(dot, element("span", "who", p.name), element("span", "points", String(p.points)));
        return item;
      }),
    );
  }

  /** Shows what a player has said, for a while. */
  said(name: string, text: string): void {
    const line = element("li", "");
    line.append(element("b", "", name), ` ${text}`);
    this.#log.append(line);
    while (this.#log.children.length > lines) this.#log.firstElementChild!.remove();
    setTimeout(() => line.remove(), shown);
  }

  #show(playing: boolean): void {
    this.away(false);
    this.#gate.hidden = playing;
    this.#board.hidden = this.#talk.hidden = !playing;
  }

  #enable(on: boolean): void {
    for (const e of this.#login.querySelectorAll<HTMLInputElement | HTMLButtonElement>("input, button")) e.disabled = !on;
  }
}

/** As much of a text as setChat carries: 120 bytes. */
function short(text: string): string {
  const letters = [...text];
  while (new TextEncoder().encode(letters.join("")).length > 120) letters.pop();
  return letters.join("");
}

function find<T extends HTMLElement>(id: string): T {
  return document.getElementById(id) as T;
}

function element(kind: string, name: string, text = ""): HTMLElement {
  const e = document.createElement(kind);
  e.className = name;
  e.textContent = text;
  return e;
}

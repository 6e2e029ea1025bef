import { Track, type Handlers } from "natstron-client";
import * as game from "./arena.dc.js";

/** A place in the meadow. */
export type Place = readonly [x: number, y: number];

/** The size of the meadow, as arena.dc has it. */
export const width = 1600;
export const height = 1000;

/** How far an avatar walks in a second. */
const speed = 230;

/** How long a bubble is shown, in milliseconds. */
const patience = 6000;

/** The avatar of a player. */
export class Player extends game.Avatar implements Handlers<game.AvatarFields> {
  name = "";
  hue = 0;
  points = 0;
  /** What the player said last, and until when it is shown. */
  said = "";
  until = 0;
  onChat: ((text: string) => void) | undefined;
  /** Updates come every 100 ms. */
  readonly #track = new Track({ delay: 150, jump: 300 });
  /** Where the player's own avatar is: the page decides, and tells the server. */
  #own: [number, number] | undefined;
  #told = "";

  setName(name: string): void {
    this.name = name;
  }
  setHue(degrees: number): void {
    this.hue = degrees;
  }
  setPoints(points: number): void {
    this.points = points;
  }
  setXY(x: number, y: number): void {
    this.#track.add(performance.now(), [x, y]);
  }
  setChat(text: string): void {
    this.said = text;
    this.until = performance.now() + patience;
    this.onChat?.(text);
  }

  /** Where to show it. */
  at(now: number): Place {
    if (this.#own) return this.#own;
    const [x = 0, y = 0] = this.#track.at(now);
    return [x, y];
  }

  /** The avatar is the player's own from now on. */
  control(): void {
    const [x, y] = this.get("setXY") ?? [width / 2, height / 2];
    this.#own = [x, y];
  }

  /** Walks for some seconds, in a direction whose length is at most 1. */
  step([dx, dy]: Place, seconds: number): void {
    if (!this.#own) return;
    const [x, y] = this.#own;
    this.#own = [within(x + dx * speed * seconds, width), within(y + dy * speed * seconds, height)];
  }

  /** The server may not have been told where the avatar is. */
  tellAgain(): void {
    this.#told = "";
  }

  /** Tells the server where the avatar is, if it does not know. */
  tell(): void {
    if (!this.#own || !this.owned) return;
    const [x, y] = this.#own.map(Math.round) as [number, number];
    if (this.#told === `${x} ${y}`) return;
    this.#told = `${x} ${y}`;
    this.send("setXY", x, y);
  }
}

/** A firefly. */
export class Firefly extends game.Firefly implements Handlers<game.FireflyFields> {
  /** Updates come every 200 ms. One that is caught appears elsewhere. */
  readonly #track = new Track({ delay: 260, jump: 100 });

  setXY(x: number, y: number): void {
    this.#track.add(performance.now(), [x, y]);
  }

  /** Where to show it. */
  at(now: number): Place {
    const [x = 0, y = 0] = this.#track.at(now);
    return [x, y];
  }
}

function within(n: number, most: number): number {
  return Math.min(Math.max(n, 0), most);
}

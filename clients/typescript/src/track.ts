/** How a {@link Track} shows positions. */
export interface TrackOptions {
  /**
   * How far behind the newest position one looks, in milliseconds: a little more than the time
   * between two updates, so that there is mostly a newer position to move towards. Default: 150.
   */
  delay?: number;
  /**
   * How long a movement goes on when no update comes, in milliseconds. Default: 0, so that an object
   * rests where its last update said.
   */
  extrapolate?: number;
  /** A greater distance than this is a jump, and not walked. Default: none is. */
  jump?: number;
  /** The indexes of coordinates that are angles, which turn the shorter way. */
  angles?: readonly number[];
  /** A full turn of an angle. Default: 360. */
  turn?: number;
}

interface Sample {
  time: number;
  at: readonly number[];
}

/**
 * Positions of an object, made smooth: updates come a few times a second, and a picture is
 * drawn sixty times.
 *
 * ```ts
 * avatar.on("setXY", (x, y) => track.add(performance.now(), [x, y]));
 * const [x, y] = track.at(performance.now());
 * ```
 */
export class Track {
  private samples: Sample[] = [];
  private readonly options: Required<TrackOptions>;

  constructor(options: TrackOptions = {}) {
    this.options = { delay: 150, extrapolate: 0, jump: Infinity, angles: [], turn: 360, ...options };
  }

  /** A position has arrived at a time, in milliseconds of any clock. Those from before the newest are ignored. */
  add(time: number, at: readonly number[]): void {
    const last = this.samples.at(-1);
    if (last && time <= last.time) {
      if (time === last.time) last.at = [...at];
      return;
    }
    if (last && distance(last.at, at, this.options.angles) > this.options.jump) this.samples = [];
    this.samples.push({ time, at: [...at] });
    // After a pause the object stood where it was, until shortly before.
    const { delay } = this.options;
    if (last && delay > 0 && this.samples.length > 1 && time - last.time > 2 * delay) {
      this.samples.splice(-1, 0, { time: time - delay, at: last.at });
    }
    if (this.samples.length > 64) this.samples.shift();
  }

  /** Where to show the object at a time; empty if no position has arrived yet. */
  at(time: number): number[] {
    const when = time - this.options.delay;
    const { samples } = this;
    while (samples.length > 2 && samples[1]!.time <= when) samples.shift();
    const [a, b] = samples;
    if (!a) return [];
    if (!b || when <= a.time) return [...a.at];
    const most = 1 + this.options.extrapolate / (b.time - a.time);
    const part = Math.min((when - a.time) / (b.time - a.time), most);
    return a.at.map((from, i) => from + this.way(from, b.at[i]!, i) * part);
  }

  private way(from: number, to: number, i: number): number {
    const { angles, turn } = this.options;
    const way = to - from;
    return angles.includes(i) ? way - turn * Math.round(way / turn) : way;
  }
}

function distance(a: readonly number[], b: readonly number[], angles: readonly number[]): number {
  return Math.hypot(...a.map((from, i) => (angles.includes(i) ? 0 : from - b[i]!)));
}

import { height, width, type Firefly, type Place, type Player } from "./objects.js";

const colours = ["outside", "meadow", "patch", "tuft", "edge", "text", "quiet", "paper", "line", "accent", "glow"] as const;
type Palette = Record<(typeof colours)[number], string>;

/** The radius of an avatar. */
const size = 20;

/** The meadow on a canvas, seen from above the player's own avatar. */
export class Picture {
  readonly #g: CanvasRenderingContext2D;
  #palette: Palette;
  #scale = 1;
  /** What is in the middle of the screen. */
  #middle: Place = [width / 2, height / 2];
  /** Where somebody was last, and looks. */
  readonly #looks = new WeakMap<Player, { at: Place; angle: number }>();
  readonly #still = matchMedia("(prefers-reduced-motion: reduce)");

  constructor(private readonly canvas: HTMLCanvasElement) {
    this.#g = canvas.getContext("2d")!;
    this.#palette = palette();
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => (this.#palette = palette()));
  }

  /** Where a place of the meadow is on the screen. */
  onScreen([x, y]: Place): Place {
    return [
      (x - this.#middle[0]) * this.#scale + this.canvas.clientWidth / 2,
      (y - this.#middle[1]) * this.#scale + this.canvas.clientHeight / 2,
    ];
  }

  draw(now: number, players: readonly Player[], fireflies: readonly Firefly[], me: Player | undefined, goal: Place | undefined): void {
    const g = this.#g;
    const { clientWidth: w, clientHeight: h } = this.canvas;
    const ratio = devicePixelRatio || 1;
    if (this.canvas.width !== Math.round(w * ratio) || this.canvas.height !== Math.round(h * ratio)) {
      this.canvas.width = Math.round(w * ratio);
      this.canvas.height = Math.round(h * ratio);
    }
    this.#scale = Math.min(Math.max(Math.min(w, h) / 620, 0.85), 1.5);
    const [x, y] = me ? me.at(now) : [width / 2, height / 2];
    this.#middle = [middle(x, w / this.#scale, width), middle(y, h / this.#scale, height)];

    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    g.fillStyle = this.#palette.outside;
    g.fillRect(0, 0, w, h);
    const [left, top] = this.onScreen([0, 0]);
    g.setTransform(ratio * this.#scale, 0, 0, ratio * this.#scale, ratio * left, ratio * top);
    this.#ground();
    for (const f of fireflies) this.#firefly(f.at(now), this.#still.matches ? 0 : now / 300 + f.doId);
    const sorted = [...players].sort((a, b) => a.at(now)[1] - b.at(now)[1]);
    for (const p of sorted) this.#avatar(p, p.at(now), p === me);
    for (const p of sorted) if (p.until > now) this.#bubble(p.said, p.at(now));
    g.setTransform(ratio, 0, 0, ratio, 0, 0);
    for (const p of sorted) this.#pointer(this.onScreen(p.at(now)), `hsl(${p.hue} 60% 55%)`);
    if (goal) {
      g.strokeStyle = this.#palette.accent;
      g.lineWidth = 2;
      circle(g, goal[0], goal[1], 14);
      g.stroke();
    }
  }

  #ground(): void {
    const g = this.#g;
    g.beginPath();
    g.roundRect(-size, -size, width + 2 * size, height + 2 * size, 28);
    g.fillStyle = this.#palette.meadow;
    g.fill();
    g.lineWidth = 3;
    g.strokeStyle = this.#palette.edge;
    g.stroke();
    g.save();
    g.clip();
    g.fillStyle = this.#palette.patch;
    for (let i = 0; i < 16; i++) {
      const [x, y] = somewhere(i + 500);
      g.beginPath();
      g.ellipse(x, y, 70 + ((i * 37) % 110), 40 + ((i * 23) % 60), i, 0, 2 * Math.PI);
      g.fill();
    }
    g.restore();
    g.beginPath();
    for (let i = 0; i < 260; i++) {
      const [x, y] = somewhere(i);
      g.moveTo(x - 5, y - 7);
      g.lineTo(x - 1, y);
      g.lineTo(x, y - 10);
      g.moveTo(x + 6, y - 6);
      g.lineTo(x + 1, y);
    }
    g.lineWidth = 1.6;
    g.lineCap = "round";
    g.strokeStyle = this.#palette.tuft;
    g.stroke();
    for (let i = 0; i < 90; i++) {
      const [x, y] = somewhere(i + 1000);
      g.fillStyle = `hsl(${[50, 320, 210][i % 3]} 70% 70% / 0.55)`;
      circle(g, x, y, 3);
      g.fill();
    }
  }

  /** Shows at the edge of the screen where somebody is who is not on it. */
  #pointer([x, y]: Place, colour: string): void {
    const g = this.#g;
    const { clientWidth: w, clientHeight: h } = this.canvas;
    if (x > -size && x < w + size && y > -size && y < h + size) return;
    const angle = Math.atan2(y - h / 2, x - w / 2);
    g.save();
    g.translate(Math.min(Math.max(x, 16), w - 16), Math.min(Math.max(y, 16), h - 16));
    g.rotate(angle);
    g.beginPath();
    g.moveTo(11, 0);
    g.lineTo(-7, -8);
    g.lineTo(-3, 0);
    g.lineTo(-7, 8);
    g.closePath();
    g.fillStyle = colour;
    g.fill();
    g.restore();
  }

  #firefly([x, y]: Place, phase: number): void {
    const g = this.#g;
    const radius = 17 + 4 * Math.sin(phase);
    const glow = g.createRadialGradient(x, y, 1, x, y, radius);
    glow.addColorStop(0, `rgba(${this.#palette.glow}, 1)`);
    glow.addColorStop(0.25, `rgba(${this.#palette.glow}, 0.55)`);
    glow.addColorStop(1, `rgba(${this.#palette.glow}, 0)`);
    g.fillStyle = glow;
    circle(g, x, y, radius);
    g.fill();
    g.fillStyle = "#fffbe8";
    circle(g, x, y, 2.6);
    g.fill();
  }

  #avatar(p: Player, at: Place, mine: boolean): void {
    const g = this.#g;
    const [x, y] = at;
    const look = this.#looks.get(p) ?? { at, angle: Math.PI / 2 };
    if (Math.hypot(x - look.at[0], y - look.at[1]) > 0.5) look.angle = Math.atan2(y - look.at[1], x - look.at[0]);
    look.at = at;
    this.#looks.set(p, look);

    g.fillStyle = "#0002";
    g.beginPath();
    g.ellipse(x, y + size - 2, size * 0.9, size * 0.35, 0, 0, 2 * Math.PI);
    g.fill();
    g.fillStyle = `hsl(${p.hue} 60% 55%)`;
    circle(g, x, y, size);
    g.fill();
    g.lineWidth = mine ? 3 : 1.5;
    g.strokeStyle = mine ? this.#palette.text : `hsl(${p.hue} 60% 35%)`;
    g.stroke();
    const [dx, dy] = [Math.cos(look.angle), Math.sin(look.angle)];
    for (const side of [-1, 1]) {
      const ex = x + dx * 6 - dy * side * 7;
      const ey = y + dy * 6 + dx * side * 7 - 2;
      g.fillStyle = "#fff";
      circle(g, ex, ey, 5);
      g.fill();
      g.fillStyle = "#222";
      circle(g, ex + dx * 2, ey + dy * 2, 2.4);
      g.fill();
    }
    g.font = `${mine ? 700 : 600} 14px system-ui, sans-serif`;
    g.textAlign = "center";
    g.textBaseline = "top";
    g.lineWidth = 4;
    g.lineJoin = "round";
    g.strokeStyle = this.#palette.meadow;
    g.strokeText(p.name, x, y + size + 6);
    g.fillStyle = this.#palette.text;
    g.fillText(p.name, x, y + size + 6);
  }

  #bubble(text: string, [x, y]: Place): void {
    const g = this.#g;
    g.font = "15px system-ui, sans-serif";
    g.textBaseline = "middle";
    g.textAlign = "center";
    const lines = wrap(g, text, 210);
    const w = Math.max(...lines.map((l) => g.measureText(l).width)) + 24;
    const h = lines.length * 19 + 14;
    const bottom = y - size - 12;
    const half = this.canvas.clientWidth / 2 / this.#scale; // of what is seen, whose middle is there:
    const [middle] = this.#middle;
    if (Math.abs(x - middle) > half + size) return; // nothing of the player is seen
    const left = Math.min(Math.max(x - w / 2, middle - half + 8), middle + half - 8 - w);
    const [right, top, r] = [left + w, bottom - h, 12];
    const tail = Math.min(Math.max(x, left + r + 7), right - r - 7);
    g.beginPath();
    g.moveTo(tail + 7, bottom);
    g.lineTo(x, bottom + 9);
    g.lineTo(tail - 7, bottom);
    g.arcTo(left, bottom, left, top, r);
    g.arcTo(left, top, right, top, r);
    g.arcTo(right, top, right, bottom, r);
    g.arcTo(right, bottom, left, bottom, r);
    g.closePath();
    g.fillStyle = this.#palette.paper;
    g.shadowColor = "#0004";
    g.shadowBlur = 8;
    g.fill();
    g.shadowBlur = 0;
    g.lineWidth = 1;
    g.strokeStyle = this.#palette.line;
    g.stroke();
    g.fillStyle = this.#palette.text;
    lines.forEach((l, i) => g.fillText(l, left + w / 2, bottom - h + 7 + 19 * (i + 0.5)));
  }
}

/** The middle of what is to be seen: near the edges, the meadow's edge is the screen's. */
function middle(at: number, seen: number, whole: number): number {
  const most = whole + 80;
  return seen >= most ? whole / 2 : Math.min(Math.max(at, seen / 2 - 40), whole + 40 - seen / 2);
}

/** A place in the meadow, always the same one for a number. */
function somewhere(i: number): Place {
  const part = (n: number): number => n - Math.floor(n);
  return [part(Math.sin(i * 12.9898) * 43758.5453) * width, part(Math.sin(i * 78.233 + 1) * 24634.6345) * height];
}

function circle(g: CanvasRenderingContext2D, x: number, y: number, radius: number): void {
  g.beginPath();
  g.arc(x, y, radius, 0, 2 * Math.PI);
}

/** A text in lines of at most so many pixels; words that are longer are cut. */
function wrap(g: CanvasRenderingContext2D, text: string, most: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/)) {
    const longer = line ? `${line} ${word}` : word;
    if (g.measureText(longer).width <= most) {
      line = longer;
      continue;
    }
    if (line) lines.push(line);
    line = "";
    for (const letter of word) {
      if (g.measureText(line + letter).width > most) {
        lines.push(line);
        line = "";
      }
      line += letter;
    }
  }
  if (line) lines.push(line);
  return lines;
}

function palette(): Palette {
  const style = getComputedStyle(document.documentElement);
  return Object.fromEntries(colours.map((c) => [c, style.getPropertyValue(`--${c}`).trim()])) as Palette;
}

import type { Place } from "./objects.js";

const keys: Readonly<Record<string, Place>> = {
  ArrowUp: [0, -1],
  ArrowDown: [0, 1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  KeyW: [0, -1],
  KeyS: [0, 1],
  KeyA: [-1, 0],
  KeyD: [1, 0],
};

/** Where the player wants to go: with the arrow keys or WASD, or to where the canvas is pressed. */
export class Walk {
  /** Where the canvas is pressed, in pixels of the screen. */
  goal: Place | undefined;
  readonly #held = new Set<string>();

  constructor(canvas: HTMLCanvasElement) {
    addEventListener("keydown", (e) => {
      if (!(e.code in keys) || e.target instanceof HTMLInputElement || e.ctrlKey || e.metaKey || e.altKey) return;
      this.#held.add(e.code);
      e.preventDefault();
    });
    addEventListener("keyup", (e) => this.#held.delete(e.code));
    addEventListener("focusin", () => this.#held.clear());
    addEventListener("blur", () => this.#held.clear());
    canvas.addEventListener("pointerdown", (e) => {
      if (!e.isPrimary || e.button !== 0) return;
      canvas.setPointerCapture(e.pointerId);
      (document.activeElement as HTMLElement | null)?.blur();
      this.goal = [e.clientX, e.clientY];
    });
    canvas.addEventListener("pointermove", (e) => {
      if (this.goal && e.isPrimary) this.goal = [e.clientX, e.clientY];
    });
    for (const end of ["pointerup", "pointercancel"] as const) canvas.addEventListener(end, () => (this.goal = undefined));
  }

  /** The direction, of a length of at most 1, of an avatar that is at a place of the screen. */
  direction([x, y]: Place): Place {
    let dx = 0;
    let dy = 0;
    for (const key of this.#held) {
      dx += keys[key]![0];
      dy += keys[key]![1];
    }
    let most = 1;
    if (this.goal && !dx && !dy) {
      dx = this.goal[0] - x;
      dy = this.goal[1] - y;
      most = Math.min(Math.hypot(dx, dy) / 30, 1); // slower when it is nearly there
      if (most < 0.1) return [0, 0];
    }
    const length = Math.hypot(dx, dy);
    return length ? [(dx / length) * most, (dy / length) * most] : [0, 0];
  }
}

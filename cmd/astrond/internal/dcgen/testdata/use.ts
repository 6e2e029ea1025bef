// Types that must hold in code that uses the bindings of game.dc; tsc compiles it.
import { Client, type Handlers } from "natstron-client";
import { Avatar, Keywords, Node, Toon, dc, keywords, type AvatarFields, type Keyword, type NodeFields, type Stack } from "./game0.js";

class Player extends Avatar implements Handlers<AvatarFields> {
  label = "";
  name(value: string): void {
    this.label = value;
  }
  setXY(x: number, y: number): void {
    this.send("setXY", x, y);
  }
  setItems(items: Stack[]): void {
    this.label = items.map((i) => `${i.count} ${i.name} ${i.colours[0]?.red}`).join();
  }
}

class Wrong extends Node implements Handlers<NodeFields> {
  // @ts-expect-error: setX has a number
  setX(_x: string): void {}
}

const client = new Client({ url: "ws://localhost", dc, version: "1", classes: [Player, Toon, Keywords] });
const player = client.refer(Player, 5);
player.on("choose", (what) => {
  if (what.kind === 1) what satisfies { kind: 1; name: string } | { kind: number; data: Uint8Array };
});
player.on("setX", (x) => x.toFixed());
player.get("setWords")?.[3] satisfies bigint | undefined;
player.send("hello");
client.refer(Toon, 6).send("hello", "words");
// @ts-expect-error: a Toon's hello has words
client.refer(Toon, 6).send("hello");
// @ts-expect-error: there is no such field
player.send("setZ", 1);
// @ts-expect-error: a bigint
player.send("setWords", [], new Uint8Array(), "a", 1, []);
keywords satisfies readonly Keyword[];
void Wrong;

import type { Client, DistributedObject } from "../src/index.js";
import type { Client as NodeClient } from "../src/node.js";
import { Avatar, LoginManager } from "./park.dc.js";
import { loginManager } from "./world.js";

/** Waits for an event that a check accepts. */
export function when<T>(subscribe: (listener: (value: T) => void) => () => void, accept: (value: T) => boolean = () => true): Promise<T> {
  return new Promise((resolve) => {
    const off = subscribe((value) => {
      if (!accept(value)) return;
      off();
      resolve(value);
    });
  });
}

/** Logs in, and returns the avatar. */
export async function login<A extends Avatar>(client: Client | NodeClient, name: string): Promise<A> {
  await client.connect();
  const avatar = when<DistributedObject>((l) => client.on("owner", l), (o) => o.owned);
  client.refer(LoginManager, loginManager).send("login", name);
  return (await avatar) as A;
}

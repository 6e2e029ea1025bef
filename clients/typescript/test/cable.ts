import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";

/** Passes connections on to a server, and can cut them. */
export class Cable {
  private readonly open = new Set<Socket>();
  /** New connections are refused. */
  down = false;
  /** Nothing gets through, and nobody is told. */
  private dead = false;

  private constructor(
    private readonly server: Server,
    /** As the server's, with the port of the cable. */
    readonly url: string,
  ) {}

  static async to(url: string): Promise<Cable> {
    const target = new URL(url);
    const server = createServer((near) => {
      if (cable.down) return void near.destroy();
      const far = connect(Number(target.port), target.hostname);
      for (const [from, to] of [[near, far], [far, near]] as const) {
        cable.open.add(from);
        from.on("data", (chunk) => cable.dead || to.write(chunk));
        from.on("error", () => {});
        from.on("close", () => {
          cable.open.delete(from);
          if (!cable.dead) to.destroy();
        });
      }
      cable.dead = false;
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const cable = new Cable(server, `${target.protocol}//127.0.0.1:${(server.address() as AddressInfo).port}`);
    return cable;
  }

  /** Cuts all connections that there are. */
  cut(): void {
    for (const socket of this.open) socket.destroy();
  }

  /** Lets nothing through any more until there is a new connection. */
  die(): void {
    this.dead = true;
  }

  close(): void {
    this.server.close();
    this.cut();
  }
}

/** What a {@link Transport} tells. After `close` it tells nothing more. */
export interface TransportEvents {
  /** The connection is there. */
  open(): void;
  /** A message has arrived, without a length. */
  message(message: Uint8Array): void;
  /** The connection has ended, or there never was one. The text is for people. */
  close(why: string): void;
}

/** A connection to a client agent that carries messages. */
export interface Transport {
  send(message: Uint8Array<ArrayBuffer>): void;
  /** How many bytes wait to be sent. */
  readonly waiting: number;
  /** Ends the connection after what was sent, and tells `close`. */
  close(): void;
}

/** Connects to a URL. It tells nothing before it returns. */
export type Dial = (url: string, events: TransportEvents) => Transport;

/** Connects with the WebSocket of the browser, or of Node 22 or newer. */
export const dialWebSocket: Dial = (url, events) => {
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  socket.onopen = () => events.open();
  socket.onmessage = ({ data }) => {
    if (data instanceof ArrayBuffer) return events.message(new Uint8Array(data));
    socket.onclose = null;
    socket.close();
    events.close(`${url} does not speak the protocol of a client agent: it sent text`);
  };
  // An error says nothing, and a close follows it.
  socket.onclose = ({ code, reason, wasClean }) =>
    events.close(wasClean ? reason || "the server closed the connection" : `no connection to ${url}, or it broke (${code})`);
  return {
    send: (message) => socket.send(message),
    get waiting() {
      return socket.bufferedAmount;
    },
    close: () => socket.close(),
  };
};

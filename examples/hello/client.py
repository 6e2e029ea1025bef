"""A player of the example: it logs in, walks, and prints what it sees move. If its
connection is lost, it comes back and goes on (docs/resume.md).
Run it when astrond and the AI are running: python3 client.py [NAME [HOST:PORT]]"""

import asyncio, struct, sys, time

NAME = sys.argv[1] if len(sys.argv) > 1 else "Ada"
HOST, PORT = (sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:7198").rsplit(":", 1)
VERSION, HASH = "hello-1", 0x000fe205  # the version of astrond.yml; `astrond dc hash hello.dc`
LOGIN_MANAGER, LOGIN, SET_XY = 4665, 0, 2  # a doId of astrond.yml; numbers: `astrond dc show hello.dc`
HELLO, HELLO_RESP, DISCONNECT, EJECT, SET_FIELD, LEAVING, ENTER, ENTER_OWNER = 1, 2, 3, 4, 120, 132, 142, 172
GET_TOKEN, TOKEN, RESUME, RESUMED, ACKNOWLEDGE, RECONNECT = 6200, 6201, 6202, 6203, 6204, 6205
AWAY = 362  # try again


def text(s):
    return struct.pack("<H", len(s.encode())) + s.encode()


def read_text(payload, at):
    end = at + 2 + struct.unpack_from("<H", payload, at)[0]
    return payload[at + 2:end].decode(), end


class Connection:
    """One connection after the other to a client agent, which loses no message on the way."""

    def __init__(self):
        self.writer, self.asked, self.token, self.within, self.every = None, False, b"", 0, 0
        self.received, self.bytes = 0, 0  # messages since the token; bytes since the last acknowledgement
        self.sent, self.arrived = [], 0   # messages that may not have arrived; how many did before them

    def write(self, message, payload):
        frame = struct.pack("<HH", 2 + len(payload), message) + payload
        if self.writer:
            self.writer.write(frame)
        return frame

    def send(self, message, payload):
        frame = self.write(message, payload)
        if self.asked:
            self.sent.append(frame)

    def keep_session(self):  # from now on the connection may be lost
        self.write(GET_TOKEN, b"")
        self.asked = True

    def acknowledge(self):
        self.bytes = 0
        self.write(ACKNOWLEDGE, struct.pack("<I", self.received))

    def arrive(self, count):
        del self.sent[:count - self.arrived]
        self.arrived = count

    def take_token(self, payload):
        self.within, self.every = struct.unpack_from("<II", payload)
        self.token = payload[10:]

    async def messages(self):
        hello, until = struct.pack("<I", HASH) + text(VERSION), time.monotonic()
        while True:
            try:
                reader, self.writer = await asyncio.open_connection(HOST, PORT)
                if self.token:
                    token = struct.pack("<H", len(self.token)) + self.token
                    self.write(RESUME, hello + token + struct.pack("<I", self.received))
                else:
                    self.write(HELLO, hello)
                while True:
                    frame = await reader.readexactly(struct.unpack("<H", await reader.readexactly(2))[0])
                    message, payload = struct.unpack_from("<H", frame)[0], frame[2:]
                    if message == TOKEN:
                        self.received, self.bytes = 0, 0
                        self.take_token(payload)
                        self.asked = bool(self.token)  # or the agent does not offer it
                    elif message == ACKNOWLEDGE:
                        self.arrive(*struct.unpack("<I", payload))
                    elif message == RESUMED:
                        print("back again", flush=True)
                        self.take_token(payload[4:])
                        self.acknowledge()
                        self.arrive(*struct.unpack_from("<I", payload))
                        self.writer.write(b"".join(self.sent))
                    elif message == RECONNECT:  # the agent is going; a game would wait as long as it says
                        raise ConnectionError("the agent is going")
                    elif message == EJECT and struct.unpack_from("<H", payload)[0] == AWAY:
                        raise ConnectionError(read_text(payload, 2)[0])
                    else:
                        if self.token:
                            self.received += 1
                            self.bytes += 2 + len(frame)
                            if self.bytes >= self.every:
                                self.acknowledge()
                        until = time.monotonic() + self.within / 1000
                        yield message, payload
            except (OSError, asyncio.IncompleteReadError) as e:
                if self.writer:
                    self.writer.close()
                self.writer = None
                if not self.token or time.monotonic() > until:
                    raise
                print(f"the connection is lost: {e}", flush=True)
                await asyncio.sleep(0.5)


async def main():
    connection = Connection()

    async def walk(avatar):
        for step in range(1_000_000):
            connection.send(SET_FIELD, struct.pack("<IHhh", avatar, SET_XY, step % 30000, 7))
            await asyncio.sleep(1)

    names, walking = {}, None  # doId → name; our own avatar's steps
    try:
        async for message, payload in connection.messages():
            if message == HELLO_RESP:
                connection.send(SET_FIELD, struct.pack("<IH", LOGIN_MANAGER, LOGIN) + text(NAME))
            elif message == ENTER_OWNER:  # this one is ours: we are let in
                connection.keep_session()
                walking = walking or asyncio.create_task(walk(struct.unpack_from("<I", payload)[0]))
            elif message == ENTER:  # doId, parent, zone, class; then the required fields: name, x and y
                do = struct.unpack_from("<I", payload)[0]
                names[do], end = read_text(payload, 14)
                print("%s is at %d, %d" % (names[do], *struct.unpack_from("<hh", payload, end)), flush=True)
            elif message == SET_FIELD and struct.unpack_from("<H", payload, 4)[0] == SET_XY:
                do, _, x, y = struct.unpack("<IHhh", payload)
                print(f"{names.get(do, do)} moves to {x}, {y}", flush=True)
            elif message == LEAVING:
                print(f"{names.pop(struct.unpack('<I', payload)[0], 'somebody')} leaves", flush=True)
            elif message == EJECT:
                sys.exit("ejected: %s (%d)" % (read_text(payload, 2)[0], *struct.unpack_from("<H", payload)))
    finally:  # otherwise our avatar would wait for us
        connection.write(DISCONNECT, b"")


try:
    asyncio.run(main())
except (ConnectionError, asyncio.IncompleteReadError) as e:
    sys.exit(f"no client agent at {HOST}:{PORT}, or it is gone: {e}")
except KeyboardInterrupt:
    pass

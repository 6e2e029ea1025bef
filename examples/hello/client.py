"""A player of the example: it logs in, walks, and prints what it sees move.
Run it when astrond and the AI are running: python3 client.py [NAME [HOST:PORT]]"""

import asyncio, struct, sys

NAME = sys.argv[1] if len(sys.argv) > 1 else "Ada"
HOST, PORT = (sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:7198").rsplit(":", 1)
VERSION, HASH = "hello-1", 0x000fe205  # the version of astrond.yml; `astrond dc hash hello.dc`
LOGIN_MANAGER, LOGIN, SET_XY = 4665, 0, 2  # a doId of astrond.yml; numbers: `astrond dc show hello.dc`
HELLO, HELLO_RESP, EJECT, SET_FIELD, LEAVING, ENTER, ENTER_OWNER = 1, 2, 4, 120, 132, 142, 172


def text(s):
    return struct.pack("<H", len(s.encode())) + s.encode()


def read_text(payload, at):
    end = at + 2 + struct.unpack_from("<H", payload, at)[0]
    return payload[at + 2:end].decode(), end


async def main():
    reader, writer = await asyncio.open_connection(HOST, PORT)

    def send(message, payload):
        writer.write(struct.pack("<HH", 2 + len(payload), message) + payload)

    async def walk(avatar):
        for step in range(1_000_000):
            send(SET_FIELD, struct.pack("<IHhh", avatar, SET_XY, step % 30000, 7))
            await asyncio.sleep(1)

    names, walking = {}, None  # doId → name; our own avatar's steps
    send(HELLO, struct.pack("<I", HASH) + text(VERSION))
    while True:
        frame = await reader.readexactly(struct.unpack("<H", await reader.readexactly(2))[0])
        message, payload = struct.unpack_from("<H", frame)[0], frame[2:]
        if message == HELLO_RESP:
            send(SET_FIELD, struct.pack("<IH", LOGIN_MANAGER, LOGIN) + text(NAME))
        elif message == ENTER_OWNER:  # this one is ours
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


try:
    asyncio.run(main())
except (ConnectionError, asyncio.IncompleteReadError) as e:
    sys.exit(f"no client agent at {HOST}:{PORT}, or it is gone: {e}")
except KeyboardInterrupt:
    pass

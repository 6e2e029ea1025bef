"""A player of the example, in the OTP dialect: it logs in, walks, and prints what it sees
move. Run it when astrond and the AI are running: python3 client.py [NAME [HOST:PORT]]"""

import asyncio, struct, sys

NAME = sys.argv[1] if len(sys.argv) > 1 else "Ada"
HOST, PORT = (sys.argv[2] if len(sys.argv) > 2 else "127.0.0.1:7198").rsplit(":", 1)
SET_XY = 4                  # a number of `astrond dc show park.dc`
LOGIN, WELCOME = 16, 17     # our own; those below are the same in all games of the dialect
EJECT, UPDATE_FIELD, DISABLE, CREATE, CREATE_OWNER, DONE_INTEREST, ADD_INTEREST = 4, 24, 25, 34, 36, 48, 97


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
            send(UPDATE_FIELD, struct.pack("<IHhh", avatar, SET_XY, step % 30000, 7))
            await asyncio.sleep(1)

    names, walking = {}, None  # doId → name; our own avatar's steps
    send(LOGIN, text(NAME))
    while True:
        frame = await reader.readexactly(struct.unpack("<H", await reader.readexactly(2))[0])
        message, payload = struct.unpack_from("<H", frame)[0], frame[2:]
        if message == WELCOME:  # the district, and the zone that our avatar is in
            send(ADD_INTEREST, struct.pack("<HI", 1, 1) + payload)
        elif message == DONE_INTEREST:
            print("that is all here", flush=True)
        elif message == CREATE:  # parent, zone, class, doId; then the required fields: name, x and y
            do = struct.unpack_from("<I", payload, 10)[0]
            names[do], end = read_text(payload, 14)
            print("%s is at %d, %d" % (names[do], *struct.unpack_from("<hh", payload, end)), flush=True)
        elif message == CREATE_OWNER:  # class, doId: this one is ours
            walking = walking or asyncio.create_task(walk(struct.unpack_from("<I", payload, 2)[0]))
        elif message == UPDATE_FIELD and struct.unpack_from("<H", payload, 4)[0] == SET_XY:
            do, _, x, y = struct.unpack("<IHhh", payload)
            print(f"{names.get(do, do)} moves to {x}, {y}", flush=True)
        elif message == DISABLE:
            print(f"{names.pop(struct.unpack('<I', payload)[0], 'somebody')} leaves", flush=True)
        elif message == EJECT:
            sys.exit("ejected: %s (%d)" % (read_text(payload, 2)[0], *struct.unpack_from("<H", payload)))


try:
    asyncio.run(main())
except (ConnectionError, asyncio.IncompleteReadError) as e:
    sys.exit(f"no client agent at {HOST}:{PORT}, or it is gone: {e}")
except KeyboardInterrupt:
    pass

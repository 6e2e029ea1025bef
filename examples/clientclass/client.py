"""A visitor of the park: it logs in, says its lines, and prints what others say.
Run it when the example's astrond is running: python3 client.py [NAME [PASSWORD [HOST:PORT [LINE…]]]]"""

import asyncio, struct, sys

NAME = sys.argv[1] if len(sys.argv) > 1 else "Ada"
PASSWORD = sys.argv[2] if len(sys.argv) > 2 else "secret"
HOST, PORT = (sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1:7198").rsplit(":", 1)
LINES = sys.argv[4:] or ["hello", "what the heck"]
VERSION, HASH = "park-1", 0x00282cd4  # the version of astrond.yml; `astrond dc hash park.dc`
LOGIN_MANAGER, LOGIN, SET_CHAT = 4665, 0, 3  # a doId of astrond.yml; numbers: `astrond dc show park.dc`
HELLO, HELLO_RESP, EJECT, SET_FIELD, LEAVING, ENTER, ENTER_OWNER = 1, 2, 4, 120, 132, 142, 172


def text(s):
    return struct.pack("<H", len(s.encode())) + s.encode()


def read_text(payload, at):
    return payload[at + 2:at + 2 + struct.unpack_from("<H", payload, at)[0]].decode()


async def main():
    reader, writer = await asyncio.open_connection(HOST, PORT)

    def send(message, payload):
        writer.write(struct.pack("<HH", 2 + len(payload), message) + payload)

    async def talk(avatar):
        for line in LINES:
            await asyncio.sleep(1)
            send(SET_FIELD, struct.pack("<IH", avatar, SET_CHAT) + text(line))

    names, talking = {}, None  # doId → name; what we say
    send(HELLO, struct.pack("<I", HASH) + text(VERSION))
    while True:
        frame = await reader.readexactly(struct.unpack("<H", await reader.readexactly(2))[0])
        message, payload = struct.unpack_from("<H", frame)[0], frame[2:]
        if message == HELLO_RESP:
            send(SET_FIELD, struct.pack("<IH", LOGIN_MANAGER, LOGIN) + text(NAME) + text(PASSWORD))
        elif message == ENTER_OWNER:
            print("I am in the park", flush=True)
            talking = talking or asyncio.create_task(talk(struct.unpack_from("<I", payload)[0]))
        elif message == ENTER:  # doId, parent, zone, class; then the required field: name
            do = struct.unpack_from("<I", payload)[0]
            names[do] = read_text(payload, 14)
            print(f"{names[do]} is here", flush=True)
        elif message == SET_FIELD and struct.unpack_from("<H", payload, 4)[0] == SET_CHAT:
            print(f"{names.get(struct.unpack_from('<I', payload)[0])} says: {read_text(payload, 6)}", flush=True)
        elif message == LEAVING:
            print(f"{names.pop(struct.unpack('<I', payload)[0], 'somebody')} leaves", flush=True)
        elif message == EJECT:
            sys.exit("ejected: %s (%d)" % (read_text(payload, 2), *struct.unpack_from("<H", payload)))


try:
    asyncio.run(main())
except (ConnectionError, asyncio.IncompleteReadError) as e:
    sys.exit(f"no client agent at {HOST}:{PORT}, or it is gone: {e}")
except KeyboardInterrupt:
    pass

"""The AI of the example, in the OTP dialect: it makes a district with a bird. It is the
UberDOG, too, that lets players in. Run it beside astrond: python3 ai.py [HOST:PORT]"""

import asyncio, math, struct, sys

HOST, PORT = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:6666").rsplit(":", 1)
CONTROL, AI, STATE_SERVER, UBERDOG, DIRECTORY = 4001, 200000000, 20100000, 4665, 4619  # the last three: astrond.yml
DISTRICT, BIRD, ZONE = 200000001, 200000002, 2000      # doIds that we chose, and a zone of the district
DISTRICT_CLASS, AVATAR_CLASS, SET_XY = 2, 3, 4         # numbers: `astrond dc show park.dc`
SET_CHANNEL, SET_CON_NAME, ADD_POST_REMOVE = 2001, 2004, 2010  # to the message director
QUERY_ALL, QUERY_ALL_RESP, DELETE_RAM, NOT_FOUND, GENERATE = 2020, 2030, 2007, 2015, 2001
UPDATE_FIELD, LEAVING_AI, ADD_AI, SHARD_REST, SET_OWNER = 2004, 2033, 2045, 2061, 2070
CLIENT_MESSAGE, SET_STATE, SEND_DATAGRAM, EJECT, ADD_SESSION_OBJECT = 1020, 3000, 3002, 3004, 3012
LOGIN, WELCOME = 16, 17                                # between our clients and us; every game has its own


def text(s):
    return struct.pack("<H", len(s.encode())) + s.encode()


def datagram(to, message, payload):
    return struct.pack("<BQQH", 1, to, AI, message) + payload


async def main():
    reader, writer = await asyncio.open_connection(HOST, PORT)

    def write(body):
        writer.write(struct.pack("<H", len(body)) + body)

    def send(to, message, payload):
        write(datagram(to, message, payload))

    def control(message, payload):
        write(struct.pack("<BQH", 1, CONTROL, message) + payload)

    def generate(do, dclass, parent, zone, fields):
        send(STATE_SERVER, GENERATE, struct.pack("<IIHI", parent, zone, dclass, do) + fields)

    async def fly():
        for step in range(1_000_000):
            x, y = round(100 * math.cos(step / 5)), round(100 * math.sin(step / 5))
            send(BIRD, UPDATE_FIELD, struct.pack("<IHhh", BIRD, SET_XY, x, y))
            await asyncio.sleep(0.5)

    def make_world():
        generate(DISTRICT, DISTRICT_CLASS, DIRECTORY, 3, text("Pixie Park"))
        send(DISTRICT, ADD_AI, struct.pack("<Q", AI))
        generate(BIRD, AVATAR_CLASS, DISTRICT, ZONE, text("bird") + struct.pack("<hh", 0, 0))
        print("the district is there; waiting for players", flush=True)
        return asyncio.create_task(fly())

    def log_in(client, name):
        if name in players.values():
            send(client, EJECT, struct.pack("<H", 100) + text(f"{name} is here already."))
            return
        avatar = max(players, default=BIRD) + 1
        players[avatar] = name
        send(client, SET_STATE, struct.pack("<H", 2))  # 2: logged in
        generate(avatar, AVATAR_CLASS, DISTRICT, ZONE, text(name) + struct.pack("<hh", 0, 0))
        send(avatar, SET_OWNER, struct.pack("<Q", client))
        send(client, ADD_SESSION_OBJECT, struct.pack("<I", avatar))  # it ends with the player
        welcome = struct.pack("<HII", WELCOME, DISTRICT, ZONE)
        send(client, SEND_DATAGRAM, struct.pack("<H", len(welcome)) + welcome)
        print(f"{name} is here, as {avatar}", flush=True)

    players, flight = {}, None  # the names of avatars; the bird's
    control(SET_CON_NAME, text("AI"))
    control(SET_CHANNEL, struct.pack("<Q", AI))
    control(SET_CHANNEL, struct.pack("<Q", UBERDOG))
    goodbye = datagram(STATE_SERVER, SHARD_REST, struct.pack("<Q", AI))
    control(ADD_POST_REMOVE, struct.pack("<H", len(goodbye)) + goodbye)  # sent when we end, however we end
    send(STATE_SERVER, QUERY_ALL, struct.pack("<I", 1))  # as such AIs do first: is its DC hash ours?
    send(STATE_SERVER, DELETE_RAM, struct.pack("<I", DISTRICT))  # what an AI before us may have left
    while True:
        frame = await reader.readexactly(struct.unpack("<H", await reader.readexactly(2))[0])
        sender, message = struct.unpack_from("<QH", frame, 1 + 8 * frame[0])
        payload = frame[11 + 8 * frame[0]:]
        if message == QUERY_ALL_RESP:
            print("the hash of the DC files is 0x%08x" % struct.unpack_from("<I", payload, len(payload) - 6), flush=True)
        elif message == NOT_FOUND:
            flight = flight or make_world()
        elif message == CLIENT_MESSAGE and struct.unpack_from("<H", payload, 2)[0] == LOGIN:
            log_in(sender, payload[6:].decode())  # after the message's length and number, and the name's length
        elif message == LEAVING_AI:
            print(f"{players.pop(struct.unpack_from('<I', payload)[0], 'something')} is gone", flush=True)


try:
    asyncio.run(main())
except (ConnectionError, asyncio.IncompleteReadError) as e:
    sys.exit(f"no message director at {HOST}:{PORT}, or it is gone: {e}")
except KeyboardInterrupt:
    pass

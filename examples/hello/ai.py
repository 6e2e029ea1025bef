"""The AI of the example: it makes a world with a bird in it, lets players in, and
gives each an avatar. Run it beside astrond: python3 ai.py [HOST:PORT]"""

import asyncio, math, struct, sys

HOST, PORT = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7199").rsplit(":", 1)
AI, STATE_SERVER, LOGIN_MANAGER = 401000, 402000, 4665  # channels; the last two are in astrond.yml
WORLD, BIRD, ZONE = 10000, 10001, 1                     # doIds that we chose, and a zone of the world
AVATAR_CLASS, WORLD_CLASS, LOGIN, SET_XY = 1, 2, 0, 2   # numbers: `astrond dc show hello.dc`
ADD_CHANNEL, ADD_POST_REMOVE = 9000, 9010               # to the message director
CREATE_OBJECT, DELETE_AI_OBJECTS, SET_FIELD, SET_AI, SET_OWNER = 2000, 2009, 2020, 2050, 2060
CLIENT_STATE, CLIENT_SESSION_OBJECT, CLIENT_INTEREST = 1000, 1012, 1200


def text(s):
    return struct.pack("<H", len(s.encode())) + s.encode()


def datagram(to, message, payload, sender=AI):
    return struct.pack("<BQQH", 1, to, sender, message) + payload


async def main():
    reader, writer = await asyncio.open_connection(HOST, PORT)

    def send(body):
        writer.write(struct.pack("<H", len(body)) + body)

    def control(message, payload):
        send(struct.pack("<BQH", 1, 1, message) + payload)

    def create(do, dclass, parent, zone, fields=b""):
        send(datagram(STATE_SERVER, CREATE_OBJECT, struct.pack("<IIIH", do, parent, zone, dclass) + fields))

    async def fly():
        for step in range(1_000_000):
            x, y = round(100 * math.cos(step / 5)), round(100 * math.sin(step / 5))
            send(datagram(BIRD, SET_FIELD, struct.pack("<IHhh", BIRD, SET_XY, x, y)))
            await asyncio.sleep(0.5)

    control(ADD_CHANNEL, struct.pack("<Q", AI))
    control(ADD_CHANNEL, struct.pack("<Q", LOGIN_MANAGER))
    # Whatever becomes of us, our objects shall go with us.
    goodbye = datagram(STATE_SERVER, DELETE_AI_OBJECTS, struct.pack("<Q", AI))
    control(ADD_POST_REMOVE, struct.pack("<QH", AI, len(goodbye)) + goodbye)
    create(WORLD, WORLD_CLASS, 0, 0)
    send(datagram(WORLD, SET_AI, struct.pack("<Q", AI)))
    create(BIRD, AVATAR_CLASS, WORLD, ZONE, text("bird") + struct.pack("<hh", 0, 0))
    bird, avatar = asyncio.create_task(fly()), BIRD  # later avatars have the doIds behind the bird's
    print("the world is there; waiting for players", flush=True)
    while True:
        frame = await reader.readexactly(struct.unpack("<H", await reader.readexactly(2))[0])
        client, message = struct.unpack_from("<QH", frame, 1 + 8 * frame[0])
        payload = frame[11 + 8 * frame[0]:]
        if message != SET_FIELD or struct.unpack_from("<IH", payload) != (LOGIN_MANAGER, LOGIN):
            continue
        name, avatar = payload[8:].decode(), avatar + 1  # behind doId, field and length
        # First of all, or the player sees its avatar before it may do anything.
        send(datagram(client, CLIENT_STATE, struct.pack("<H", 2)))  # 2: logged in
        create(avatar, AVATAR_CLASS, WORLD, ZONE, text(name) + struct.pack("<hh", 0, 0))
        send(datagram(avatar, SET_OWNER, struct.pack("<Q", client)))
        send(datagram(client, CLIENT_SESSION_OBJECT, struct.pack("<I", avatar)))  # it goes when the player goes
        send(datagram(client, CLIENT_INTEREST, struct.pack("<HII", 1, WORLD, ZONE)))
        print(f"{name} is here, as {avatar}", flush=True)


try:
    asyncio.run(main())
except (ConnectionError, asyncio.IncompleteReadError) as e:
    sys.exit(f"no message director at {HOST}:{PORT}, or it is gone: {e}")
except KeyboardInterrupt:
    pass

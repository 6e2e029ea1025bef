"""The AI of the example: it creates a world with a bird, lets players in, and gives
each an avatar. Run it beside astrond: python3 ai.py [HOST:PORT]"""

import asyncio, math, struct, sys, time

HOST, PORT = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7199").rsplit(":", 1)
AI, STATE_SERVER, LOGIN_MANAGER = 401000, 402000, 4665  # channels; the last two are in astrond.yml
WORLD, BIRD, ZONE = 10000, 10001, 1                     # doIds that we chose, and a zone of the world
AVATAR_CLASS, WORLD_CLASS, LOGIN, SET_XY = 1, 2, 0, 2   # numbers: `astrond dc show hello.dc`
ADD_CHANNEL, ADD_POST_REMOVE = 9000, 9010               # to the message director
CREATE_OBJECT, DELETE_AI_OBJECTS, SET_FIELD, ENTER_LOCATION, SET_AI, SET_OWNER = 2000, 2009, 2020, 2042, 2050, 2060
SILENCE = 5  # seconds without our bird, which moves twice a second: the state server has lost it
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

    def entered(do):  # an object that we created exists: from now on it receives what we send
        if do == BIRD:
            send(datagram(WORLD, SET_AI, struct.pack("<Q", AI)))  # so that it ends with us
            tasks.append(asyncio.create_task(fly()))
            print("the world is there; waiting for players", flush=True)
        elif do in players:
            client, name = players.pop(do)
            send(datagram(do, SET_OWNER, struct.pack("<Q", client)))
            send(datagram(client, CLIENT_SESSION_OBJECT, struct.pack("<I", do)))  # it ends with the player
            send(datagram(client, CLIENT_INTEREST, struct.pack("<HII", 1, WORLD, ZONE)))
            print(f"{name} is here, as {do}", flush=True)

    tasks, players, avatar = [], {}, BIRD  # players who wait for their avatars; doIds continue after the bird's
    for channel in AI, LOGIN_MANAGER, WORLD << 32 | ZONE:  # the last: to hear what enters the zone
        control(ADD_CHANNEL, struct.pack("<Q", channel))
    goodbye = datagram(STATE_SERVER, DELETE_AI_OBJECTS, struct.pack("<Q", AI))
    control(ADD_POST_REMOVE, struct.pack("<QH", AI, len(goodbye)) + goodbye)  # sent when we end, however we end
    create(WORLD, WORLD_CLASS, 0, 0)
    create(BIRD, AVATAR_CLASS, WORLD, ZONE, text("bird") + struct.pack("<hh", 0, 0))
    heard = time.monotonic()
    while True:
        size = await asyncio.wait_for(reader.readexactly(2), heard + SILENCE - time.monotonic())
        frame = await reader.readexactly(struct.unpack("<H", size)[0])
        sender, message = struct.unpack_from("<QH", frame, 1 + 8 * frame[0])
        payload = frame[11 + 8 * frame[0]:]
        if message == ENTER_LOCATION:
            entered(struct.unpack_from("<I", payload)[0])
        elif message == SET_FIELD and struct.unpack_from("<I", payload)[0] == BIRD:
            heard = time.monotonic()
        elif message == SET_FIELD and struct.unpack_from("<IH", payload) == (LOGIN_MANAGER, LOGIN):
            name, avatar = payload[8:].decode(), avatar + 1  # after doId, field and length
            players[avatar] = sender, name
            send(datagram(sender, CLIENT_STATE, struct.pack("<H", 2)))  # 2: logged in
            create(avatar, AVATAR_CLASS, WORLD, ZONE, text(name) + struct.pack("<hh", 0, 0))


try:
    asyncio.run(main())
except (ConnectionError, asyncio.IncompleteReadError) as e:
    sys.exit(f"no message director at {HOST}:{PORT}, or it is gone: {e}")
except asyncio.TimeoutError:
    sys.exit("the world is gone, or never came: start this again")
except KeyboardInterrupt:
    pass

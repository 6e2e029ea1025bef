"""An UberDOG over plain NATS: without astrond's message director port, and without a library.
docs/nats.md says what such a program must do, and what it must not.
Run it when astrond is running: python3 greeter.py [nats://HOST:PORT]"""

import json, secrets, socket, struct, sys, urllib.parse

URL = urllib.parse.urlparse(sys.argv[1] if len(sys.argv) > 1 else "nats://127.0.0.1:4222")
GREETER, ALL_GREETERS, STATE_SERVER = 4670, 4680, 402000  # channels; the doId of a Greeter is its channel
GREET, GREETED, SET_TEXT, SIGN = 0, 1, 2, 1  # numbers of fields, and of a class: `astrond dc show greeter.dc`
GENERATE, GENERATE_RESP, SET_FIELD = 2270, 2272, 2020  # messages: docs/protocol.md, Astron's documents


def subject(channel):
    high, low = channel >> 32, channel & 0xFFFFFFFF
    if high:
        return f"astron.{high}.{low}"
    return f"astron.0.{low // 100_000_000}.{low // 1_000_000 % 100}.{low}"


def text(s):
    return struct.pack("<H", len(s.encode())) + s.encode()


class Participant:
    """One connection to NATS. It receives on this connection only, so what one sender sends stays in order."""

    def __init__(self, host, port, channel, *others):
        self.socket = socket.create_connection((host, port))
        self.stream = self.socket.makefile("rb")
        self.channel = channel
        self.origin, self.sequence = secrets.token_hex(11), 0  # new ones for each connection
        self.seen = {}  # origin → sequence of the last datagram
        self.stream.readline()  # INFO
        options = {"verbose": False, "pedantic": False, "echo": False, "name": "greeter", "lang": "python", "version": "1"}
        self.write(f"CONNECT {json.dumps(options)}\r\n".encode())
        for number, c in enumerate((channel, *others), 1):
            self.write(f"SUB {subject(c)} {number}\r\n".encode())
        self.write(b"PING\r\n")
        while self.stream.readline().rstrip() != b"PONG":  # then the subscriptions are in force
            pass

    def write(self, data):
        self.socket.sendall(data)

    def send(self, message, payload, *recipients):
        """Publishes a datagram once for each subject of its recipients, always with the same identity."""
        datagram = struct.pack("<B", len(recipients)) + b"".join(struct.pack("<Q", r) for r in recipients)
        datagram += struct.pack("<QH", self.channel, message) + payload
        self.sequence += 1
        reply = f"_A.{self.origin}.{self.sequence}.1"
        for s in dict.fromkeys(map(subject, recipients)):
            self.write(f"PUB {s} {reply} {len(datagram)}\r\n".encode() + datagram + b"\r\n")

    def receive(self):
        """Returns sender, message and payload of the next datagram, each once."""
        while True:
            line = self.stream.readline()
            if not line:
                raise ConnectionError("the connection to NATS has ended: messages may be lost, start again")
            words = line.split()
            if words[0] == b"PING":
                self.write(b"PONG\r\n")
            elif words[0] == b"-ERR":
                raise ConnectionError(line.decode().strip())
            if words[0] != b"MSG":
                continue
            datagram = self.stream.read(int(words[-1]) + 2)[:-2]
            if self.is_copy(words[3].decode() if len(words) == 5 else ""):
                continue
            if not datagram or datagram[0] == 0 or len(datagram) < 11 + 8 * datagram[0]:
                continue  # a question of a process whether anybody listens, or no datagram
            at = 1 + 8 * datagram[0]
            return (*struct.unpack_from("<QH", datagram, at), datagram[at + 10:])

    def is_copy(self, reply):
        """Says whether a datagram has been here on another subject."""
        parts = reply.split(".")
        if len(parts) != 4 or parts[0] != "_A" or parts[1].endswith("-pr"):
            return False  # of a simpler program, or a post-remove of a process that has died
        origin, sequence = parts[1], int(parts[2])
        if sequence <= self.seen.get(origin, 0):
            return True
        self.seen[origin] = sequence
        return False


def main():
    p = Participant(URL.hostname, URL.port or 4222, GREETER, ALL_GREETERS)
    p.send(GENERATE, struct.pack("<IIIH", 1, 0, 0, SIGN) + text("nobody yet"), STATE_SERVER)
    sign, greetings = 0, 0
    while True:
        sender, message, payload = p.receive()
        if message == GENERATE_RESP:
            sign = struct.unpack_from("<I", payload, 4)[0]
            print(f"the sign is object {sign}", flush=True)
        elif message == SET_FIELD and struct.unpack_from("<IH", payload) == (GREETER, GREET):
            name = payload[8:8 + struct.unpack_from("<H", payload, 6)[0]].decode()
            greetings += 1
            p.send(SET_FIELD, struct.pack("<IH", GREETER, GREETED) + text(f"hello {name}"), sender)
            p.send(SET_FIELD, struct.pack("<IH", sign, SET_TEXT) + text(f"{name} is number {greetings}"), sign)
            print(f"greeted {name}, number {greetings}", flush=True)


try:
    main()
except (ConnectionError, OSError) as e:
    sys.exit(f"{URL.geturl()}: {e}")
except KeyboardInterrupt:
    pass

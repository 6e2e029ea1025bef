"""The LoginManager: an UberDOG. The first with a name gets its account."""

import hashlib
import hmac
import os
import zlib

from direct.distributed.DistributedObjectGlobalAI import DistributedObjectGlobalAI
from direct.distributed.PyDatagram import PyDatagram
from panda3d_astron.msgtypes import CLIENTAGENT_OPEN_CHANNEL

from avatar import AvatarAI, HEIGHT, WIDTH

DO_ID, ZONE = 4665, 1  # of astrond.yml, and where everything is
ESTABLISHED = 2        # a client that has logged in
GENERIC, ELSEWHERE, CREDENTIALS = 1, 100, 122  # why clients are ejected


class LoginManagerAI(DistributedObjectGlobalAI):
    def __init__(self, air):
        DistributedObjectGlobalAI.__init__(self, air)
        self.busy = set()  # clients whose login is under way, or who are in

    def login(self, name, password):
        """A client that has not logged in sends this."""
        client = self.air.getMsgSender()
        if client in self.busy:
            return  # one login is enough
        if name != name.strip() or not name.isprintable():
            self.refuse(client, CREDENTIALS, "A name is letters, without blanks around them.")
            return
        self.busy.add(client)
        self.air.accounts.find(name, lambda account: self.found(client, name, password, account))

    def found(self, client, name, password, account):
        if account is None:
            self.fail(client)
        elif account:
            self.check(client, password, account)
        else:
            fields = {
                "setName": (name,), "setPassword": (hashed(password, os.urandom(16)),), "setPoints": (0,),
                "setHue": (zlib.crc32(name.encode()) % 360,), "setXY": (WIDTH // 2, HEIGHT // 2),
            }
            self.air.accounts.create(fields, lambda *created: self.created(client, fields, password, *created))

    def created(self, client, fields, password, account, new):
        if account is None:
            self.fail(client)
        elif new:
            print(f"a new account: {fields['setName'][0]}", flush=True)
            self.enter(client, account, fields)
        else:  # just now, by somebody else
            self.check(client, password, account)

    def check(self, client, password, account):
        def compare(fields):
            if fields is None:
                self.fail(client)
                return
            stored = bytes(fields["setPassword"][0])
            if hmac.compare_digest(stored, hashed(password, stored[:16])):
                self.enter(client, account, fields)
                return
            text = f"That is not the password of {fields['setName'][0]}."
            base.taskMgr.doMethodLater(1, self.refuse, "refuse", extraArgs=[client, CREDENTIALS, text])  # guessing is slow

        self.air.accounts.get(account, compare)

    def enter(self, client, account, fields):
        """What we send takes effect in this order, whichever processes it goes to."""
        air, there = self.air, self.air.avatars.get(account)
        if there:  # what is stored is older
            fields = there.fields()
        avatar = AvatarAI(air, account, fields)
        air.create(avatar)
        air.avatars[account] = avatar
        avatar.gone = lambda: self.busy.discard(client)
        # A client that is in with this account leaves, and this one can be found in the same way.
        connection = self.GetAccountConnectionChannel(account)
        air.eject(connection, ELSEWHERE, "You have logged in again elsewhere.")
        dg = PyDatagram()
        dg.addServerHeader(client, air.ourChannel, CLIENTAGENT_OPEN_CHANNEL)
        dg.addChannel(connection)
        air.send(dg)
        air.setClientState(client, ESTABLISHED)
        air.clientAddSessionObject(client, avatar.doId)  # the avatar ends with the session
        air.setOwner(avatar.doId, client)
        air.clientAddInterest(client, 1, air.districtId, ZONE)
        # If the client has gone meanwhile, nobody has heard all that, and nobody answers.
        late = base.taskMgr.doMethodLater(10, self.nobody, "nobody", extraArgs=[avatar])
        air.getNetworkAddress(client, lambda *address: base.taskMgr.remove(late))
        print(f"{avatar.name} comes in", flush=True)

    def nobody(self, avatar):
        if avatar.air:
            self.air.requestDelete(avatar)

    def fail(self, client):
        """Ends a login that failed for a reason that is not the player's."""
        print(f"a login of client {client} failed", flush=True)
        self.refuse(client, GENERIC, "The arena cannot let you in. Try again later.")

    def refuse(self, client, code, text):
        self.busy.discard(client)
        self.air.eject(client, code, text)


def hashed(password, salt):
    """It takes about 50 ms, in which nothing else happens. A large game does it in threads."""
    return salt + hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)

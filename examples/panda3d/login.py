"""The LoginManager: an UberDOG, which always exists, for all districts."""

from direct.distributed.DistributedObjectGlobal import DistributedObjectGlobal
from direct.distributed.DistributedObjectGlobalUD import DistributedObjectGlobalUD

DO_ID, DISTRICT = 4665, 300000  # the uberdog of astrond.yml, and the district's doId
ESTABLISHED = 2                 # a client that has logged in
PASSWORDS = {"Ada": "lovelace", "Bob": "ross"}


class LoginManager(DistributedObjectGlobal):
    """What a client sees of it."""

    def login(self, name, password):
        self.sendUpdate("login", [name, password])


class LoginManagerUD(DistributedObjectGlobalUD):
    """What the UberDOG process runs."""

    def login(self, name, password):
        client = self.air.getMsgSender()
        if PASSWORDS.get(name) != password:
            self.air.eject(client, 122, "That is not the password.")
            return
        self.air.setClientState(client, ESTABLISHED)
        district = self.air.getDcFile().getClassByName("District")
        self.air.send(district.aiFormatUpdate("enter", DISTRICT, DISTRICT, self.air.ourChannel, [client, name]))
        print(f"{name} may come in", flush=True)

"""The District: the part of the world that one AI process runs."""

from direct.distributed.DistributedObject import DistributedObject
from direct.distributed.DistributedObjectAI import DistributedObjectAI

from avatar import AvatarAI

ZONE = 1


class District(DistributedObject):
    """What a client sees of it: it has no fields."""


class DistrictAI(DistributedObjectAI):
    """What the AI process runs."""

    def enter(self, client, name):
        """The LoginManager sends a client that has logged in.

        We need not wait: each line takes effect before the next one.
        """
        self.air.clientAddInterest(client, 1, self.doId, ZONE)  # the client sees what is here,
        avatar = AvatarAI(self.air)
        avatar.name = name
        avatar.generateWithRequired(ZONE)  # so it sees its avatar enter,
        self.air.setOwner(avatar.doId, client)  # and then gets the owner's view of it.
        self.air.clientAddSessionObject(client, avatar.doId)  # It ends with the client.
        print(f"{name} has an avatar, {avatar.doId}", flush=True)

"""The District: the part of the world that an AI process takes care of."""

from direct.distributed.DistributedObject import DistributedObject
from direct.distributed.DistributedObjectAI import DistributedObjectAI

from avatar import AvatarAI

ZONE = 1


class District(DistributedObject):
    """What a client sees of it: nothing but that it is there."""


class DistrictAI(DistributedObjectAI):
    """What the AI process runs."""

    def enter(self, client, name):
        """The LoginManager sends a client that has logged in."""
        avatar = AvatarAI(self.air)
        avatar.name = name
        avatar.generateWithRequired(ZONE)
        self.air.setOwner(avatar.doId, client)
        self.air.clientAddSessionObject(client, avatar.doId)  # it goes when the client goes
        self.air.clientAddInterest(client, 1, self.doId, ZONE)
        print(f"{name} has an avatar, {avatar.doId}", flush=True)

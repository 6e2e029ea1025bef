"""The Avatar: as others see it, as its owner sees it, and as the AI runs it."""

from direct.distributed.DistributedObject import DistributedObject
from direct.distributed.DistributedObjectAI import DistributedObjectAI
from direct.distributed.DistributedObjectOV import DistributedObjectOV


class Avatar(DistributedObject):
    """What every client sees of an avatar, its own included."""

    name, x, y = "", 0, 0

    def setName(self, name):
        self.name = name

    def setXY(self, x, y):
        self.x, self.y = x, y
        if self.isGenerated():
            print(f"{self.name} moves to {x}, {y}", flush=True)

    def announceGenerate(self):
        DistributedObject.announceGenerate(self)
        print(f"{self.name} is at {self.x}, {self.y}", flush=True)

    def disable(self):
        print(f"{self.name} leaves", flush=True)
        DistributedObject.disable(self)


class AvatarOV(DistributedObjectOV):
    """The owner's view: what only the client that owns an avatar can do with it."""

    def announceGenerate(self):
        DistributedObjectOV.announceGenerate(self)
        messenger.send("my-avatar", [self])

    def walk(self, dx, dy):
        """Ask the AI to move us: clients are not trusted to say where they are."""
        self.sendUpdate("walk", [dx, dy])


class AvatarAI(DistributedObjectAI):
    """What the AI process runs."""

    name, x, y = "", 0, 0

    def getName(self):
        return self.name

    def getXY(self):
        return self.x, self.y

    def walk(self, dx, dy):
        """The owner wants to move. We allow one step at a time."""
        self.x += max(-1, min(1, dx))
        self.y += max(-1, min(1, dy))
        self.sendUpdate("setXY", [self.x, self.y])

    def delete(self):
        print(f"{self.name} is gone", flush=True)
        DistributedObjectAI.delete(self)

"""The AI of an avatar."""

from direct.distributed.DistributedObjectAI import DistributedObjectAI

WIDTH, HEIGHT = 1600, 1000  # of the meadow, as arena.dc has them


class AvatarAI(DistributedObjectAI):
    def __init__(self, air, account, fields):
        DistributedObjectAI.__init__(self, air)
        self.account, self.changed, self.walked = account, False, False
        (self.name,), (self.hue,), (self.points,) = fields["setName"], fields["setHue"], fields["setPoints"]
        self.x, self.y = fields["setXY"]

    def fields(self):
        """What an account has of an avatar."""
        return {"setName": (self.name,), "setHue": (self.hue,), "setXY": (self.x, self.y), "setPoints": (self.points,)}

    # generateWithRequired asks for the values of required fields so.

    def getName(self):
        return self.name

    def getHue(self):
        return self.hue

    def getXY(self):
        return self.x, self.y

    def getPoints(self):
        return self.points

    def setXY(self, x, y):
        """The owner has walked: the client agent has checked that it is on the meadow."""
        self.x, self.y, self.changed, self.walked = x, y, True, True

    def caught(self):
        """The avatar has caught a firefly, and so could another AI tell it. No client may."""
        self.points += 1
        self.changed = True
        self.sendUpdate("setPoints", [self.points])

    def store(self):
        if self.changed:
            self.changed = False
            self.air.accounts.set(self.account, {"setXY": (self.x, self.y), "setPoints": (self.points,)})

    def delete(self):
        """The session has ended, and the avatar with it."""
        if self.air and self.air.avatars.get(self.account) is self:  # and no newer one has taken over
            self.store()
            del self.air.avatars[self.account]
            print(f"{self.name} is gone", flush=True)
        self.gone()
        DistributedObjectAI.delete(self)

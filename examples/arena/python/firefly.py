"""The AI of a firefly."""

import math
import random

from direct.distributed.DistributedObjectAI import DistributedObjectAI

from avatar import HEIGHT, WIDTH

SPEED, REACH = 14, 34  # in a movement, and at which an avatar catches it


class FireflyAI(DistributedObjectAI):
    def __init__(self, air):
        DistributedObjectAI.__init__(self, air)
        self.appear()
        self.direction = random.uniform(0, 2 * math.pi)

    def appear(self):
        self.x, self.y = random.uniform(0, WIDTH), random.uniform(0, HEIGHT)

    def getXY(self):
        return int(self.x), int(self.y)

    def fly(self, avatars):
        """Moves. If an avatar catches it, it appears elsewhere."""
        self.direction += random.uniform(-0.6, 0.6)
        self.x += math.cos(self.direction) * SPEED
        self.y += math.sin(self.direction) * SPEED
        if not (0 <= self.x <= WIDTH and 0 <= self.y <= HEIGHT):
            self.x, self.y = min(max(self.x, 0), WIDTH), min(max(self.y, 0), HEIGHT)
            self.direction += math.pi / 2
        for avatar in avatars:
            # It catches nothing until it has moved.
            if avatar.walked and math.hypot(avatar.x - self.x, avatar.y - self.y) < REACH:
                self.appear()
                avatar.caught()
                break
        self.sendUpdate("setXY", list(self.getXY()))

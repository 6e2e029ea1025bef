"""The AI process: python ai.py [HOST:PORT]"""

import sys

from headless import base
from panda3d_astron.repository import AstronInternalRepository

from avatar import AvatarAI
from district import DistrictAI, ZONE
from login import DISTRICT

HOST, PORT = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7199").rsplit(":", 1)


class GameAI(AstronInternalRepository):
    def __init__(self):
        # Our channel is 410000; our objects get the doIds after it.
        AstronInternalRepository.__init__(self, 410000, 402000, ["game.dc"], dcSuffix="AI")
        self.districtId = DISTRICT
        self.connect(HOST, int(PORT))

    def handleConnected(self):
        district = DistrictAI(self)
        district.generateWithRequiredAndId(DISTRICT, 0, 0)
        district.setAI(self.ourChannel)  # what is in it is ours, and ends with us
        self.bird = AvatarAI(self)
        self.bird.name = "bird"
        self.bird.generateWithRequired(ZONE)
        base.taskMgr.doMethodLater(0.5, self.fly, "fly")
        print("the district is there", flush=True)

    def fly(self, task):
        self.bird.walk(0.5, 0.1)
        return task.again


ai = GameAI()
base.run()

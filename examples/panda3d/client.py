"""A player without a screen: python client.py [NAME PASSWORD [HOST:PORT]]"""

import sys

from headless import base
from panda3d.core import URLSpec
from panda3d_astron.repository import AstronClientRepository

import login

NAME, PASSWORD = sys.argv[1:3] if len(sys.argv) > 2 else ("Ada", "lovelace")
SERVER = sys.argv[3] if len(sys.argv) > 3 else "127.0.0.1:7198"


class Player(AstronClientRepository):
    GameGlobalsId = login.DISTRICT  # the only parent whose object we need not see

    def __init__(self):
        AstronClientRepository.__init__(self, dcFileNames=["game.dc"], connectMethod=self.CM_NATIVE)
        self.accept("CLIENT_HELLO_RESP", self.welcome)
        self.accept("CLIENT_EJECT", lambda code, why: sys.exit(f"ejected: {why} ({code})"))
        self.accept("LOST_CONNECTION", lambda: sys.exit("the server is gone"))
        self.accept("my-avatar", self.mine)
        self.connect([URLSpec("http://" + SERVER)], successCallback=self.connected, failureCallback=self.failed)

    def failed(self, *why):
        sys.exit(f"no client agent at {SERVER}")

    def connected(self):
        self.sendHello("panda-1")  # the version of astrond.yml

    def welcome(self):
        self.generateGlobalObject(login.DO_ID, "LoginManager").login(NAME, PASSWORD)

    def mine(self, view):
        avatar = self.doId2do[view.doId]  # it has entered before we got its owner's view
        print(f"{avatar.name} is mine", flush=True)
        base.taskMgr.doMethodLater(0.5, self.walk, "walk", extraArgs=[view])

    def walk(self, view):
        view.walk(1, 5)  # the AI lets us go one step
        base.taskMgr.doMethodLater(0.5, self.walk, "walk", extraArgs=[view])


player = Player()
base.run()

"""The AI process, which also serves logins: python ai.py [HOST:PORT]"""

import signal
import sys

from panda3d.core import loadPrcFileData

# No screen and no sound. Twenty turns a second: without a screen nothing else slows the main loop down.
loadPrcFileData("", "window-type none\naudio-library-name null\nclock-mode limited\nclock-frame-rate 20")

from direct.showbase.ShowBase import ShowBase
from direct.task import Task

base = ShowBase()

from panda3d_astron.repository import AstronInternalRepository

from accounts import Accounts
from firefly import FireflyAI
from login import DO_ID

HOST, PORT = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7199").rsplit(":", 1)

DATABASE, STATESERVER, MEADOW, ZONE = 4003, 402000, 10000, 1  # as in astrond.yml
FIREFLIES = 20


class ArenaAI(AstronInternalRepository):
    GameGlobalsId = MEADOW  # the only parent that need not be an object of ours

    def __init__(self):
        # Our channel is 410000; our objects get the doIds after it.
        AstronInternalRepository.__init__(self, 410000, STATESERVER, ["python.dc", "../arena.dc"], dcSuffix="AI")
        self.districtId = MEADOW  # the parent of what we create
        self.accounts = Accounts(self, DATABASE)
        self.avatars = {}  # those who play, by account
        self.connect(HOST, int(PORT))

    def handleConnected(self):
        fireflies = [FireflyAI(self) for _ in range(FIREFLIES)]
        for one in fireflies:
            self.create(one)
        base.taskMgr.doMethodLater(0.2, self.fly, "fly", extraArgs=[fireflies])
        base.taskMgr.doMethodLater(2, self.save, "save", extraArgs=[])
        # Last, so that nobody comes in before the rest is there.
        self.registerForChannel(DO_ID)
        self.generateGlobalObject(DO_ID, "LoginManager")
        self.flush()  # what is sent waits for the end of a turn
        print("the arena is open", flush=True)

    def create(self, do):
        """Creates an object that is ours: we get what is airecv, and it ends with us."""
        do.generateWithRequired(ZONE)
        self.setAI(do.doId, self.ourChannel)

    def fly(self, fireflies):
        for one in fireflies:
            one.fly(self.avatars.values())
        return Task.again

    def save(self):
        """Stores what has changed, so that even a lost machine costs nobody more than a few steps."""
        for avatar in self.avatars.values():
            avatar.store()
        return Task.again

    def end(self):
        """A signal ends the process."""
        self.save()
        self.flush()

    def handleDatagram(self, di):
        if not self.accounts.handle(self.getMsgType(), di):
            AstronInternalRepository.handleDatagram(self, di)

    def lostConnection(self):
        sys.exit("astrond is gone")


ai = ArenaAI()
base.exitFunc = ai.end
signal.signal(signal.SIGTERM, lambda *_: base.userExit())
base.run()

"""The UberDOG process: python ud.py [HOST:PORT]"""

import sys

from headless import base
from panda3d_astron.repository import AstronInternalRepository

import login

HOST, PORT = (sys.argv[1] if len(sys.argv) > 1 else "127.0.0.1:7199").rsplit(":", 1)


class UberDog(AstronInternalRepository):
    def __init__(self):
        # Our channel is 200000, the state server's 402000.
        AstronInternalRepository.__init__(self, 200000, 402000, ["game.dc"], dcSuffix="UD")
        self.connect(HOST, int(PORT))

    def handleConnected(self):
        self.registerForChannel(login.DO_ID)
        self.generateGlobalObject(login.DO_ID, "LoginManager")
        print("the LoginManager is there", flush=True)


uberdog = UberDog()
base.run()

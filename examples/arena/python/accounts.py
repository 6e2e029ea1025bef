"""Accounts in the database, by name: two of natstron's messages that panda3d-astron does not know."""

from direct.distributed.PyDatagram import PyDatagram
from panda3d.direct import DCPacker

FIND, FOUND, CREATE, CREATED = 3050, 3051, 3052, 3053  # DBSERVER_FIND_OBJECTS and so on: docs/protocol.md
DONE, TAKEN = 0, 1


class Accounts:
    def __init__(self, air, database):
        self.air, self.database = air, database
        self.dclass = air.getDcFile().getClassByName("Account")
        self.waiting = {}  # callbacks, by context

    def find(self, name, callback):
        """Calls callback(doId), with 0 if no account has the name, or with None if that is not known."""
        dg, field = self.request(FIND, callback), self.dclass.getFieldByName("setName")
        dg.addUint16(field.getNumber())
        dg.appendData(packed(field, (name,)))
        dg.addUint32(0)  # above no doId,
        dg.addUint16(1)  # one is enough
        self.air.send(dg)

    def create(self, fields, callback):
        """Creates an account, unless its name is taken, and calls callback(doId, created). The doId is
        that of the account which has the name, or None if it is not known."""
        dg = self.request(CREATE, callback)
        dg.addUint16(len(fields))
        for name, args in fields.items():
            field = self.dclass.getFieldByName(name)
            dg.addUint16(field.getNumber())
            dg.appendData(packed(field, args))
        self.air.send(dg)

    def get(self, account, callback):
        """Calls callback(fields), with None if the database cannot tell."""
        names = ("setName", "setPassword", "setHue", "setXY", "setPoints")
        self.air.dbInterface.queryObject(
            self.database, account, lambda dclass, fields: callback(fields), self.dclass, names)

    def set(self, account, fields):
        self.air.dbInterface.updateObject(self.database, account, self.dclass, fields)

    def request(self, message, callback):
        context = self.air.getContext()
        self.waiting[context] = callback
        dg = PyDatagram()
        dg.addServerHeader(self.database, self.air.ourChannel, message)
        dg.addUint32(context)
        dg.addUint16(self.dclass.getNumber())
        return dg

    def handle(self, message, di):
        """Takes the answers; False if the message is not one."""
        if message not in (FOUND, CREATED):
            return False
        callback, code = self.waiting.pop(di.getUint32()), di.getUint16()
        if message == CREATED:
            doId = di.getUint32()
            callback(doId if code in (DONE, TAKEN) else None, code == DONE)
        elif code != DONE:
            callback(None)
        else:
            di.getUint8()  # whether there are more
            callback(di.getUint32() if di.getUint16() else 0)
        return True


def packed(field, args):
    packer = DCPacker()
    packer.beginPack(field)
    field.packArgs(packer, args)
    packer.endPack()
    return packer.getBytes()

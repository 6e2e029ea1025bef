"""Panda3D without a screen and without sound: import it before all else of Panda3D."""

from panda3d.core import loadPrcFileData

loadPrcFileData("", "window-type none\naudio-library-name null")

from direct.showbase.ShowBase import ShowBase

base = ShowBase()

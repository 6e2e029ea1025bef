"""Panda3D without a screen and without sound: import it before the rest of Panda3D."""

from panda3d.core import loadPrcFileData

# Thirty frames a second: without a screen nothing else slows the main loop down.
loadPrcFileData("", "window-type none\naudio-library-name null\nclock-mode limited\nclock-frame-rate 30")

from direct.showbase.ShowBase import ShowBase

base = ShowBase()

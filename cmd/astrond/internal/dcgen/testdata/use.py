"""Packs and reads values through the bindings of game/game.dc."""

import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import game  # noqa: E402


def round_trip(update, expected):
    packed = game.pack(update)
    assert packed.hex() == expected, (update, packed.hex())
    assert game.unpack(type(update), packed, strict=True) == update
    assert game.unpack_field(game.NUMBERS[type(update)], packed) == update


def refused(fault, update):
    try:
        game.pack(update)
    except game.ValueFault as e:
        assert e.fault == fault, (update, e)
        return
    raise AssertionError(f"{update} was packed")


colour = game.Colour
round_trip(game.Node.setXY(game.Node.setX(1.5), game.Node.setY(-0.1)), "0f00ffff")
round_trip(game.Avatar.setItems([game.Stack(7, "hat", [colour(1, 2)], 3)], [colour(100, 0), colour(0, 50)]),
           "0f00" "07000000" "0300686174" "02000102" "0300" "64000032")
round_trip(game.Avatar.setWords(["a", ""], b"\x01", "\xff", -1 << 63, [9]), "0500" "010061" "0000" "0100000001" "ff" "0000000000000080" "010009")
round_trip(game.Avatar.choose(what={"kind": 3, "n": 258}), "030201")
round_trip(game.Named.name("Flippy"), "0600466c69707079")
round_trip(game.Avatar.class_(class_=1, None_="b", for_=2), "0101006202")
assert game.pack(game.Node.setH(370)) == game.pack(game.Node.setH(10))
assert issubclass(game.Toon, object) and game.CLASSES[game.Toon.ID] is game.Toon
assert game.Toon.hello(words="x") and game.Avatar.hello() and game.Toon.setItems is game.Avatar.setItems
refused("outside its range", game.Avatar.setItems([], [colour(101, 0), colour(0, 0)]))
refused("outside its range", game.Avatar.setItems([], []))
refused("wrong type", game.Named.name(5))
refused("outside its range", game.Avatar.choose(what={"kind": 1.5}))
refused("type not declared", game.Avatar.later(1))

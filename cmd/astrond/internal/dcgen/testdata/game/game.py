"""The dclasses of game.dc, and what their fields carry.

    data = pack(SomeClass.someField(1, 2))
    update = unpack(SomeClass.someField, data)

Written by "astrond dc gen python": do not change it, but the DC file, and run it again.
"""

import math
import struct
from dataclasses import dataclass, fields
from fractions import Fraction
from typing import Any, Dict, List, Optional, Type, TypeVar

T = TypeVar("T")

# The hash that clients send when they log in.
HASH = 0x018ce9b2

# The keywords that fields can have.
KEYWORDS = ["required", "broadcast", "ownrecv", "ram", "db", "clsend", "clrecv", "ownsend", "airecv", "p2p"]


@dataclass
class Colour:
    """The struct Colour of the DC files."""

    red: "int"  # uint8(0-100) red
    green: "int"  # uint8(0-100) green


@dataclass
class Item:
    """The struct Item of the DC files."""

    id: "int"  # DoId id
    name: "str"  # string name
    colours: "List[Colour]"  # Colour colours[]


@dataclass
class Stack:
    """The struct Stack of the DC files."""

    id: "int"  # DoId id
    name: "str"  # string name
    colours: "List[Colour]"  # Colour colours[]
    count: "int"  # uint16(1-99) count


@dataclass
class ToonValue:
    """The struct Toon of the DC files."""

    setX: "Dict[str, Any]"  # setX(int16 / 10 x)
    setY: "Dict[str, Any]"  # setY(int16 / 10 y)
    setH: "Dict[str, Any]"  # setH(int16 / 10 % 360 h)
    name: "str"  # string name
    setItems: "Dict[str, Any]"  # setItems(Stack items[], Colour two[2])
    setWords: "Dict[str, Any]"  # setWords(string words[0-3], blob32 data, char letter, int64 big, uint8array old)
    choose: "Dict[str, Any]"  # choose(switch (uint8 kind) what)
    inline: "Dict[str, Any]"  # inline(struct { uint8 a; uint8 } both)
    class_: "Dict[str, Any]"  # class(uint8 class, string None, uint8 for)
    later: "Any"  # Gone later
    hello: "Dict[str, Any]"  # hello(string words)
    mood: "float"  # float64(-1-1) mood


class Node:
    """The dclass Node."""

    ID = 3
    NAME = "Node"

    @dataclass
    class setX:
        """setX(int16 / 10 x) required broadcast ram"""

        x: "float"

    @dataclass
    class setY:
        """setY(int16 / 10 y) required broadcast ram"""

        y: "float"

    @dataclass
    class setXY:
        """setXY : setX, setY"""

        setX: "Node.setX"
        setY: "Node.setY"

    @dataclass
    class setH:
        """setH(int16 / 10 % 360 h) broadcast ram"""

        h: "float"


class Named:
    """The dclass Named."""

    ID = 4
    NAME = "Named"

    @dataclass
    class name:
        """string name required broadcast db"""

        value: "str"

    @dataclass
    class setX:
        """setX(string unlike) p2p"""

        unlike: "str"


class Avatar:
    """The dclass Avatar."""

    ID = 5
    NAME = "Avatar"

    @dataclass
    class setItems:
        """setItems(Stack items[], Colour two[2]) ownrecv db"""

        items: "List[Stack]"
        two: "List[Colour]"

    @dataclass
    class setWords:
        """setWords(string words[0-3], blob32 data, char letter, int64 big, uint8array old) ram"""

        words: "List[str]"
        data: "bytes"
        letter: "str"
        big: "int"
        old: "List[int]"

    @dataclass
    class choose:
        """choose(switch (uint8 kind) what) clsend airecv"""

        what: "Dict[str, Any]"

    @dataclass
    class inline:
        """inline(struct { uint8 a; uint8 } both) ram"""

        both: "Dict[str, Any]"

    @dataclass
    class hello:
        """hello() ownsend airecv"""


    @dataclass
    class class_:
        """class(uint8 class, string None, uint8 for) ram"""

        class_: "int"
        None_: "str"
        for_: "int"

    @dataclass
    class later:
        """Gone later ram"""

        value: "Any"

    setX = Node.setX
    setY = Node.setY
    setXY = Node.setXY
    setH = Node.setH
    name = Named.name


class Missing:
    """The dclass Missing."""

    ID = 6
    NAME = "Missing"


class Toon:
    """The dclass Toon."""

    ID = 7
    NAME = "Toon"

    @dataclass
    class hello:
        """hello(string words) clsend"""

        words: "str"

    @dataclass
    class mood:
        """float64(-1-1) mood ram"""

        value: "float"

    setX = Node.setX
    setY = Node.setY
    setXY = Node.setXY
    setH = Node.setH
    name = Named.name
    setItems = Avatar.setItems
    setWords = Avatar.setWords
    choose = Avatar.choose
    inline = Avatar.inline
    class_ = Avatar.class_
    later = Avatar.later


class Keywords:
    """The dclass Keywords."""

    ID = 8
    NAME = "Keywords"

    @dataclass
    class toon:
        """Toon toon"""

        value: "ToonValue"


# The classes of fields' values, by the numbers that messages have. The number of one is in NUMBERS.
FIELDS: Dict[int, Any] = {
    6: Node.setX,
    7: Node.setY,
    8: Node.setXY,
    9: Node.setH,
    10: Named.name,
    11: Named.setX,
    12: Avatar.setItems,
    13: Avatar.setWords,
    14: Avatar.choose,
    17: Avatar.inline,
    18: Avatar.hello,
    19: Avatar.class_,
    20: Avatar.later,
    21: Toon.hello,
    22: Toon.mood,
    23: Keywords.toon,
}
NUMBERS: Dict[Any, int] = {field: number for number, field in FIELDS.items()}

# The dclasses, by the numbers that messages have.
CLASSES: Dict[int, Any] = {
    3: Node,
    4: Named,
    5: Avatar,
    6: Missing,
    7: Toon,
    8: Keywords,
}

_STRUCTS: Dict[str, Any] = {
    "Colour": Colour,
    "Item": Item,
    "Stack": Stack,
    "Toon": ToonValue,
}

_MEMBERS: Dict[Any, Any] = {
    Colour: [["red", {"kind": "uint8", "range": [[0, 100]]}], ["green", {"kind": "uint8", "range": [[0, 100]]}]],
    Item: [["id", "uint32"], ["name", "string"], ["colours", {"kind": "array", "of": {"kind": "struct", "name": "Colour"}}]],
    Stack: [["id", "uint32"], ["name", "string"], ["colours", {"kind": "array", "of": {"kind": "struct", "name": "Colour"}}], ["count", {"kind": "uint16", "range": [[1, 99]]}]],
    ToonValue: [["setX", {"kind": "struct", "members": [["x", {"kind": "int16", "divisor": 10}]]}], ["setY", {"kind": "struct", "members": [["y", {"kind": "int16", "divisor": 10}]]}], ["setH", {"kind": "struct", "members": [["h", {"kind": "int16", "divisor": 10, "modulus": "3600"}]]}], ["name", "string"], ["setItems", {"kind": "struct", "members": [["items", {"kind": "array", "of": {"kind": "struct", "name": "Stack"}}], ["two", {"kind": "array", "size": 2, "of": {"kind": "struct", "name": "Colour"}}]]}], ["setWords", {"kind": "struct", "members": [["words", {"kind": "array", "count": [[0, 3]], "of": "string"}], ["data", "blob32"], ["letter", "char"], ["big", "int64"], ["old", {"kind": "array", "of": "uint8"}]]}], ["choose", {"kind": "struct", "members": [["what", {"kind": "switch", "key": ["kind", "uint8"], "cases": [["01", [["name", "string"]]], ["02", [["n", "uint16"]]], ["03", [["n", "uint16"]]]], "default": [["data", "blob"]]}]]}], ["inline", {"kind": "struct", "members": [["both", {"kind": "struct", "members": [["a", "uint8"], ["_1", "uint8"]]}]]}], ["class", {"kind": "struct", "members": [["class", "uint8"], ["None", "string"], ["for", "uint8"]]}], ["later", {"kind": "undeclared", "name": "Gone"}], ["hello", {"kind": "struct", "members": [["words", "string"]]}], ["mood", {"kind": "float64", "range": [[-1, 1]]}]],
    Node.setX: [["x", {"kind": "int16", "divisor": 10}]],
    Node.setY: [["y", {"kind": "int16", "divisor": 10}]],
    Node.setXY: [["setX", Node.setX], ["setY", Node.setY]],
    Node.setH: [["h", {"kind": "int16", "divisor": 10, "modulus": "3600"}]],
    Named.name: [["value", "string"]],
    Named.setX: [["unlike", "string"]],
    Avatar.setItems: [["items", {"kind": "array", "of": {"kind": "struct", "name": "Stack"}}], ["two", {"kind": "array", "size": 2, "of": {"kind": "struct", "name": "Colour"}}]],
    Avatar.setWords: [["words", {"kind": "array", "count": [[0, 3]], "of": "string"}], ["data", "blob32"], ["letter", "char"], ["big", "int64"], ["old", {"kind": "array", "of": "uint8"}]],
    Avatar.choose: [["what", {"kind": "switch", "key": ["kind", "uint8"], "cases": [["01", [["name", "string"]]], ["02", [["n", "uint16"]]], ["03", [["n", "uint16"]]]], "default": [["data", "blob"]]}]],
    Avatar.inline: [["both", {"kind": "struct", "members": [["a", "uint8"], ["_1", "uint8"]]}]],
    Avatar.hello: [],
    Avatar.class_: [["class", "uint8"], ["None", "string"], ["for", "uint8"]],
    Avatar.later: [["value", {"kind": "undeclared", "name": "Gone"}]],
    Toon.hello: [["words", "string"]],
    Toon.mood: [["value", {"kind": "float64", "range": [[-1, 1]]}]],
    Keywords.toon: [["value", {"kind": "struct", "name": "Toon"}]],
}


# Here is codec.py.

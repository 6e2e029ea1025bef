"""Holds codec.py against what Go's package dc has packed: python3 vectors.py CODEC VECTORS"""

import json
import math
import struct
import sys
from dataclasses import dataclass, fields, make_dataclass
from fractions import Fraction
from typing import Any, Dict, List, Optional, Type, TypeVar

T = TypeVar("T")
FIELDS: Dict[int, Any] = {}
_STRUCTS: Dict[str, Any] = {}
_MEMBERS: Dict[Any, Any] = {}
exec(open(sys.argv[1]).read())


def load(schema):
    FIELDS.clear(), _STRUCTS.clear(), _MEMBERS.clear(), _codecs.clear()

    def add(name, members):
        of = make_dataclass(name, [f"m{i}" for i in range(len(members))])
        _MEMBERS[of] = members
        return of

    for s in schema["structs"]:
        _STRUCTS[s["name"]] = add("S", s["members"])
    for f in (f for c in schema["classes"] for f in c["fields"]):
        if "atomics" in f:
            members = [["a", FIELDS[a]] for a in f["atomics"]]
        else:
            members = f["args"] if "args" in f else [["value", f["type"]]]
        FIELDS[f["id"]] = add("F", members)


def fault(f):
    try:
        return None, f()
    except ValueFault as e:
        return e.fault, None


same = refused = 0
for line in open(sys.argv[2]):
    row = json.loads(line)
    if "schema" in row:
        schema = row["schema"]
        load(schema)
        divided_floats = '"float' in line and '"divisor"' in line
        continue
    if "given" in row:
        failed, packed = fault(lambda: pack(FIELDS[row["id"]](row["given"])))
        assert (failed or packed.hex()) == row["pack"], (line, failed or packed.hex())
        continue
    field, packed = FIELDS[row["id"]], bytes.fromhex(row["hex"])
    checked, _ = fault(lambda: unpack(field, packed, strict=True))
    assert checked == row.get("check"), (line, checked)
    unread, value = fault(lambda: unpack(field, packed))
    assert unread == row.get("unpack"), (line, unread)
    if unread:
        refused += 1
        continue
    same += 1
    if '"NaN"' in line or divided_floats:
        continue  # a NaN may have other bits, and a quotient another last bit
    failed, again = fault(lambda: pack(value))
    assert (failed or again.hex()) == row.get("pack", row["hex"]), (line, failed or again.hex())
print(f"{same} values agree with Go, {refused} are refused by both")
assert same > 10000

# How values become bytes. The rest of this file is the same for all DC files.


class ValueFault(ValueError):
    """Why bytes are not a value, or a value cannot be packed.

    fault is "truncated", "excess data", "outside its range", "no such case", "type not
    declared", "wrong type" or "too large".
    """

    def __init__(self, fault: str, detail: str) -> None:
        super().__init__(detail)
        self.fault = fault


def pack(update: Any) -> bytes:
    """Packs an update of a field, and checks it."""
    out = bytearray()
    _member_codecs(type(update)).write(out, vars(update))
    return bytes(out)


def unpack(field: Type[T], data: bytes, strict: bool = False) -> T:
    """Reads bytes that are exactly one value of a field; if strict, checks ranges and counts, too."""
    reader = _Reader(data)
    values = _member_codecs(field).read(reader, strict)
    if reader.at < len(data):
        raise ValueFault("excess data", f"{field.__name__}: {len(data) - reader.at} bytes too many")
    return field(*values.values())


def unpack_field(number: int, data: bytes, strict: bool = False) -> Any:
    """Reads a value of the field of that number, as unpack does."""
    return unpack(FIELDS[number], data, strict)


_codecs: Dict[type, "_Record"] = {}


def _member_codecs(field: type) -> "_Record":
    """The codec of a class of values: made when it is first needed."""
    codec = _codecs.get(field)
    if codec is None:
        codec = _codecs[field] = _Record(field, _MEMBERS[field], names=[f.name for f in fields(field)])
    return codec


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at, self.end = bytes(data), 0, len(data)
        self.parts = 65536  # without a byte, so that few bytes never become much memory

    def take(self, n: int) -> bytes:
        if n > self.end - self.at:
            raise ValueFault("truncated", f"truncated: {n} bytes wanted, {self.end - self.at} left")
        self.at += n
        return self.data[self.at - n : self.at]


class _Codec:
    """Packs and reads values of one type. size is that of every value, or -1 if it varies."""

    size = -1

    def read(self, reader: _Reader, strict: bool) -> Any:
        raise NotImplementedError

    def write(self, out: bytearray, value: Any) -> None:
        raise NotImplementedError


def _limits(spans: Any) -> Any:
    return [(float(low), float(high)) if "." in str(low) + str(high) else (int(low), int(high)) for low, high in spans or []]


def _allow(limits: Any, n: Any, what: str = "") -> None:
    if limits and not any(low <= n <= high for low, high in limits):
        ranges = ", ".join(f"{low}" if low == high else f"{low}-{high}" for low, high in limits)
        raise ValueFault("outside its range", f"{what}{n} is outside {ranges}")


class _Whole(_Codec):
    """A whole number. One of 64 bits is not divided, since a float does not hold it."""

    def __init__(self, t: Any) -> None:
        bits = int(t["kind"].lstrip("uint"))
        self.size, self.signed = bits // 8, not t["kind"].startswith("u")
        self.divisor = 1 if bits == 64 else t.get("divisor", 1)
        self.modulus, self.limits = int(t.get("modulus", 0)), _limits(t.get("range"))

    def read(self, reader: _Reader, strict: bool) -> Any:
        n = int.from_bytes(reader.take(self.size), "little", signed=self.signed)
        if strict:
            _allow(self.limits, n)
        return n / self.divisor if self.divisor > 1 else n

    def write(self, out: bytearray, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value != value or value in (_INFINITY, -_INFINITY):
            raise ValueFault("wrong type", f"expected a number, got {value!r}")
        if self.divisor > 1:  # halves up, of the number as it is written
            n = math.floor(Fraction(str(value)) * self.divisor + Fraction(1, 2))
        elif value == int(value):
            n = int(value)
        else:
            raise ValueFault("outside its range", f"{value} is not a whole number")
        if self.modulus:
            n %= self.modulus
        try:
            packed = n.to_bytes(self.size, "little", signed=self.signed)
        except OverflowError:
            raise ValueFault("outside its range", f"{value} does not fit") from None
        _allow(self.limits, n)
        out += packed


class _Real(_Codec):
    def __init__(self, t: Any) -> None:
        self.size, self.format = (4, "<f") if t["kind"] == "float32" else (8, "<d")
        self.divisor, self.modulus = t.get("divisor", 1), float(t.get("modulus", 0))
        self.limits = [(float(low), float(high)) for low, high in t.get("range", [])]

    def read(self, reader: _Reader, strict: bool) -> float:
        (n,) = struct.unpack(self.format, reader.take(self.size))
        if strict:
            _allow(self.limits, n)
        return n / self.divisor if self.divisor > 1 else n

    def write(self, out: bytearray, value: Any) -> None:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise ValueFault("wrong type", f"expected a number, got {value!r}")
        n = float(value)
        if math.isfinite(n):
            if self.divisor > 1 and n:
                n = float(Fraction(str(value)) * self.divisor)
            if self.modulus:
                n = math.fmod(n, self.modulus) if n >= 0 else math.fmod(self.modulus - math.fmod(-n, self.modulus), self.modulus)
        _allow(self.limits, n)
        try:
            out += struct.pack(self.format, n)
        except OverflowError:
            raise ValueFault("outside its range", f"{value} does not fit") from None


class _Char(_Codec):
    size = 1

    def __init__(self, t: Any) -> None:
        self.limits = _limits(t.get("range"))

    def read(self, reader: _Reader, strict: bool) -> str:
        (n,) = reader.take(1)
        if strict:
            _allow(self.limits, n)
        return chr(n)

    def write(self, out: bytearray, value: Any) -> None:
        if not isinstance(value, str):
            raise ValueFault("wrong type", f"expected a character, got {value!r}")
        if len(value) != 1 or ord(value) > 255:
            raise ValueFault("outside its range", "a char is one byte")
        _allow(self.limits, ord(value))
        out.append(ord(value))


class _Text(_Codec):
    """A string or a blob. Bytes of a string that are not UTF-8 are kept as Python does: surrogateescape."""

    def __init__(self, t: Any) -> None:
        self.text, self.length = t["kind"] == "string", 4 if t["kind"] == "blob32" else 2
        self.fixed, self.limits = t.get("size"), _limits(t.get("range"))
        self.size = -1 if self.fixed is None else self.fixed

    def read(self, reader: _Reader, strict: bool) -> Any:
        n = self.fixed if self.fixed is not None else int.from_bytes(reader.take(self.length), "little")
        data = reader.take(n)
        if strict:
            _allow(self.limits, n, "a length of ")
        return data.decode("utf-8", "surrogateescape") if self.text else data

    def write(self, out: bytearray, value: Any) -> None:
        if self.text and isinstance(value, str):
            value = value.encode("utf-8", "surrogateescape")
        if not isinstance(value, (bytes, bytearray)):
            raise ValueFault("wrong type", f"expected {'a string' if self.text else 'bytes'}, got {value!r}")
        n = len(value)
        if n != (n if self.fixed is None else self.fixed) or n >= 1 << 8 * self.length:
            raise ValueFault("outside its range", f"a length of {n} bytes" + ("" if self.fixed is None else f", not {self.fixed}"))
        _allow(self.limits, n, "a length of ")
        if self.fixed is None:
            out += n.to_bytes(self.length, "little")
        out += value


def _charge(reader: _Reader, codec: _Codec) -> None:
    if codec.size == 0:
        reader.parts -= 1
        if reader.parts < 0:
            raise ValueFault("too large", "too many parts without a byte")


class _List(_Codec):
    def __init__(self, t: Any) -> None:
        self.of, self.fixed, self.limits = _codec(t["of"]), t.get("size"), _limits(t.get("count"))
        if self.fixed is not None and self.of.size >= 0:
            self.size = self.fixed * self.of.size

    def read(self, reader: _Reader, strict: bool) -> List[Any]:
        values: List[Any] = []
        if self.fixed is not None:
            while len(values) < self.fixed:
                _charge(reader, self.of)
                values.append(self.of.read(reader, strict))
            return values
        n = int.from_bytes(reader.take(2), "little")
        reader.take(n)
        reader.at, outer, reader.end = reader.at - n, reader.end, reader.at
        if strict and self.of.size > 0 and n % self.of.size:
            raise ValueFault("excess data", f"a length of {n} is not a multiple of {self.of.size} bytes")
        while reader.at < reader.end:
            before = reader.at
            _charge(reader, self.of)
            values.append(self.of.read(reader, strict))
            if reader.at == before:
                raise ValueFault("excess data", "bytes left for elements that have none")
        reader.end = outer
        if strict:
            _allow(self.limits, len(values), "a count of ")
        return values

    def write(self, out: bytearray, value: Any) -> None:
        if not isinstance(value, (list, tuple, bytes, bytearray)):
            raise ValueFault("wrong type", f"expected a list, got {value!r}")
        if self.fixed is not None and len(value) != self.fixed:
            raise ValueFault("outside its range", f"a count of {len(value)}, not {self.fixed}")
        _allow(self.limits, len(value), "a count of ")
        content = bytearray()
        for one in value:
            self.of.write(content, one)
        if self.fixed is None:
            if len(content) > 0xFFFF:
                raise ValueFault("outside its range", f"{len(content)} bytes are too many for a length of 2 bytes")
            if value and not content:
                raise ValueFault("too large", "elements of an array with a length need at least one byte")
            out += len(content).to_bytes(2, "little")
        out += content


class _Record(_Codec):
    """Members one after the other: of a class, or of a dict."""

    def __init__(self, of: Optional[type], members: Any, names: Optional[List[str]] = None) -> None:
        keys = names or [name for name, _ in members]
        self.of, self.members = of, [(key, _codec(t)) for key, (_, t) in zip(keys, members)]
        if all(codec.size >= 0 for _, codec in self.members):
            self.size = sum(codec.size for _, codec in self.members)

    def read(self, reader: _Reader, strict: bool) -> Any:
        values = {}
        for name, codec in self.members:
            _charge(reader, codec)
            values[name] = codec.read(reader, strict)
        return values

    def write(self, out: bytearray, value: Any) -> None:
        if not isinstance(value, dict):
            raise ValueFault("wrong type", f"expected a dict, got {value!r}")
        for name, codec in self.members:
            if name not in value:
                raise ValueFault("wrong type", f"{name} is missing")
            codec.write(out, value[name])
        if len(value) > len(self.members):
            raise ValueFault("wrong type", "there are more members than the type has")


class _Object(_Codec):
    """A struct, or a method of a molecular field: of a class of its own."""

    def __init__(self, of: type) -> None:
        self.of, self.record = of, _member_codecs(of)
        self.size = self.record.size

    def read(self, reader: _Reader, strict: bool) -> Any:
        return self.of(*self.record.read(reader, strict).values())

    def write(self, out: bytearray, value: Any) -> None:
        if not isinstance(value, self.of):
            raise ValueFault("wrong type", f"expected a {self.of.__name__}, got {value!r}")
        self.record.write(out, vars(value))


class _Switch(_Codec):
    def __init__(self, t: Any) -> None:
        self.name, key = t["key"]
        self.key = _codec(key)
        self.cases = {bytes.fromhex(value): _Record(None, [t["key"], *members]) for value, members in t.get("cases", [])}
        self.other = _Record(None, [t["key"], *t["default"]]) if "default" in t else None
        sizes = {record.size for record in [*self.cases.values(), *([self.other] if self.other else [])]}
        self.size = sizes.pop() if len(sizes) == 1 else -1

    def choose(self, key: bytes) -> _Record:
        record = self.cases.get(key, self.other)
        if record is None:
            raise ValueFault("no such case", f"no case for the key {key.hex()}")
        return record

    def read(self, reader: _Reader, strict: bool) -> Any:
        at = reader.at
        values = {self.name: self.key.read(reader, strict)}
        for name, codec in self.choose(reader.data[at : reader.at]).members[1:]:
            _charge(reader, codec)
            values[name] = codec.read(reader, strict)
        return values

    def write(self, out: bytearray, value: Any) -> None:
        if not isinstance(value, dict) or self.name not in value:
            raise ValueFault("wrong type", f"expected a dict with {self.name}, got {value!r}")
        key = bytearray()
        self.key.write(key, value[self.name])
        self.choose(bytes(key)).write(out, value)


class _Undeclared(_Codec):
    def __init__(self, name: str) -> None:
        self.name = name

    def read(self, reader: _Reader, strict: bool) -> Any:
        raise ValueFault("type not declared", f"no DC file declares the type {self.name}")

    def write(self, out: bytearray, value: Any) -> None:
        raise ValueFault("type not declared", f"no DC file declares the type {self.name}")


def _codec(t: Any) -> _Codec:
    """The codec of a type: its kind, a dict with its kind and more, or the class of its values."""
    if isinstance(t, type):
        return _Object(t)
    if isinstance(t, str):
        t = {"kind": t}
    kind = t["kind"]
    if kind == "struct":
        return _Record(None, t["members"]) if "members" in t else _Object(_STRUCTS[t["name"]])
    if kind == "undeclared":
        return _Undeclared(t.get("name", ""))
    others = {"char": _Char, "array": _List, "switch": _Switch, "float32": _Real, "float64": _Real}
    others.update(dict.fromkeys(["string", "blob", "blob32"], _Text))
    return others.get(kind, _Whole)(t)


_INFINITY = float("inf")

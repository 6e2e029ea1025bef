package editor

import (
	"strings"

	"natstron/dc"
)

// builtins are the keywords that need no declaration.
var builtins = strings.Fields((^dc.Keyword(0)).String())

// keywordTexts say what the built-in keywords do.
var keywordTexts = map[string]string{
	"required":  "The field has a value whenever the object exists: it comes with the object when that is created and when it enters.",
	"broadcast": "Updates go to everybody who sees the place where the object is.",
	"ram":       "The state server keeps the value while the object exists.",
	"db":        "The database keeps the value.",
	"clsend":    "Every client that sees the object may send updates.",
	"clrecv":    "Clients get the value when the object enters.",
	"ownsend":   "The client that owns the object may send updates.",
	"ownrecv":   "Updates go to the client that owns the object.",
	"airecv":    "Updates go to the AI of the object.",
}

// typeTexts say how values of the built-in types are packed.
var typeTexts = map[string]string{
	"int8": "1 byte, two's complement", "int16": "2 bytes, two's complement, little-endian",
	"int32": "4 bytes, two's complement, little-endian", "int64": "8 bytes, two's complement, little-endian",
	"uint8": "1 byte", "uint16": "2 bytes, little-endian", "uint32": "4 bytes, little-endian", "uint64": "8 bytes, little-endian",
	"float32": "4 bytes, IEEE 754, little-endian", "float64": "8 bytes, IEEE 754, little-endian",
	"char":      "1 byte, written 'a' or 97",
	"string":    "a length of 2 bytes, then the bytes of the text",
	"blob":      "a length of 2 bytes, then the bytes",
	"blob32":    "a length of 4 bytes, then the bytes",
	"int8array": "a length of 2 bytes, then numbers of 1 byte", "int16array": "a length of 2 bytes, then numbers of 2 bytes",
	"int32array": "a length of 2 bytes, then numbers of 4 bytes", "uint8array": "a length of 2 bytes, then numbers of 1 byte",
	"uint16array": "a length of 2 bytes, then numbers of 2 bytes", "uint32array": "a length of 2 bytes, then numbers of 4 bytes",
	"uint32uint8array": "a length of 2 bytes, then pairs of 5 bytes: a uint32 and a uint8",
}

// wordTexts say what the other words of the language are.
var wordTexts = map[string]string{
	"dclass":  "A class of objects: `dclass Name : Base { fields };`",
	"struct":  "A type with parts: `struct Name { fields };`",
	"typedef": "A name for a type: `typedef uint32 DoId;`",
	"keyword": "Declares words that fields can have: `keyword p2p;`",
	"switch":  "A type whose parts depend on a value: `switch (uint8 kind) { case 1: string name; break; };`",
	"from":    "Says where clients and AIs find the code of classes: `from game.toon import DistributedToon/AI/OV`",
	"import":  "Says where clients and AIs find code: `import game.toon`",
	"case":    "The fields that follow belong to this value of the switch's key.",
	"default": "The fields that follow belong to all other values of the switch's key.",
	"break":   "Ends the fields of a case.",
}

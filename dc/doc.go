// Package dc reads DC files, which describe the distributed objects of a game:
// their classes, the fields of each, and how a field's value becomes bytes.
//
// Astron's roles know a game only by its DC files, and messages about objects carry
// the numbers that classes and fields have in them. Clients run Panda3D's parser
// (direct/src/dcparser), so this package agrees with it exactly: it accepts and
// rejects the same files, gives classes and fields the same numbers, and computes the
// same hash, which clients send when they log in.
//
// [ParseFiles] and [Parse] make a [File] of DC files. With it:
//
//   - [File.ClassByID], [File.FieldByID] and [Class.Field] look up the numbers in
//     messages; [Class.RequiredFields] are the fields whose values come with an object.
//   - [Field.Has] asks for keywords; [Field.DefaultPacked] is the default.
//   - [Field.Skip] finds the end of a value, [Field.Check] also checks the value,
//     [Field.Validate] checks that nothing follows it, [Field.Split] splits the value
//     of a molecular field.
//   - [Field.Unpack] and [Field.Pack] convert between bytes and Go values,
//     [Field.JSON] and [Field.PackJSON] between bytes and JSON, [Field.Text] and
//     [Field.ParseText] between bytes and the form of a default in a DC file.
//   - [Typed] is a field with the Go type of its value; "astrond dc gen go" writes them.
//   - [Format] formats files; [File.Schema] describes them for other languages.
//
// A File and everything in it is safe for concurrent use, because it never changes.
// Skip, Check and Validate allocate nothing unless they fail.
//
// # The language
//
// A file is a list of declarations. Semicolons between them are optional, the one
// after a field is not. Comments are // and /* */, as in C.
//
//	from game.toon import DistributedToon/AI/OV   // where Python finds the code
//	keyword p2p;                                  // a word that fields can have
//	typedef uint32 DoId;                          // a name for a type
//
//	struct Colour {                               // a type with parts
//	  uint8(0-100) red;
//	  uint8(0-100) green;
//	};
//
//	dclass DistributedToon : DistributedAvatar {  // a class of objects
//	  setName(string name = "Toon") required broadcast db;
//	  setX(int16 / 10 x) broadcast ram;
//	  setY(int16 / 10 y) broadcast ram;
//	  setXY : setX, setY;
//	  uint16 hp = 15 required ram;
//	};
//
// Names are letters, digits and underscores. The first use of a name decides what it
// means. A type that is declared later, or not at all, is not an error for Panda3D:
// it counts in the hash as "undeclared", and nothing can be packed for it.
// [File.Warnings] names such uses. Several files that are read together continue each
// other: numbers, keywords and names go on.
//
// # Fields
//
// A method, also called an atomic field, has arguments: setName(string name). An
// update of it is a message to the object. A parameter field has only a type and a
// name: uint16 hp. A molecular field names methods of its class or of a base that are
// updated together; all of them must have the same keywords, which are also its own.
//
// A field's keywords follow it. Nine need no declaration: required, ram and db say
// what is kept; broadcast, clrecv, ownrecv and airecv who receives updates; clsend
// and ownsend which clients may send them. Others are declared. The fields of a
// struct have none.
//
// Fields are numbered from 0 through all files, in the order in which they end, so
// the fields of a struct inside a field come before that field. Fields of structs
// count, too. Classes are also numbered from 0; a struct uses up a number but does
// not have it.
//
// A class has the fields of its bases. Its own field hides one of the same name; of
// several bases the first counts. A struct's method with the struct's name is its
// constructor: it has no number, and is packed first.
//
// # Types
//
// Numbers are little-endian. A "length" is in bytes and does not count itself.
//
//	int8 int16 int32 int64        1, 2, 4, 8 bytes, two's complement
//	uint8 uint16 uint32 uint64    1, 2, 4, 8 bytes
//	float64                       8 bytes, IEEE 754
//	float32                       4 bytes; see below
//	char                          1 byte, written 'a' or 97
//	string, blob                  uint16 length, then the bytes
//	string(5), blob(5)            the 5 bytes alone, since there is only one length
//	blob32                        uint32 length, then the bytes
//	T x[]                         uint16 length of all elements together, then the elements
//	T x[3]                        the elements alone, if all values of T have the same size;
//	                              otherwise as T x[]
//	T x[2-4, 8]                   as T x[]; 2, 3, 4 or 8 elements
//	T x[2][3]                     2 times 3 elements. Whether each of the arrays has a
//	                              length depends on T alone
//	int8array … uint32array       as T x[] of that number
//	uint32uint8array              as T x[] of a uint32 and a uint8, 5 bytes each
//	struct                        its fields and those of its bases in order of their
//	                              numbers, without molecular ones
//	a dclass                      as a struct
//	switch                        the key, then the fields of the case that it selects
//	a method                      its arguments one after the other
//	a molecular field             its methods one after the other
//
// Panda3D does not know float32 and hashes it as an undeclared type. Astron's other
// clients do know it, so it can be packed here, unless a file declares another type of
// that name. None of them knows bool.
//
// These may follow the name of a numeric type, in any order:
//
//	int16(-5-5, 100)   a range: what values are allowed
//	int16 / 10         a divisor: 1.5 is packed as 15; the range is in units of 1
//	int16 % 360        a modulus: 370 is packed as 10
//
// A divisor or modulus may also follow the parameter's name: int16 x / 10. The range
// of a string or a blob is that of its length. The ends of a char's range may be
// characters: char('a'-'z').
//
// A switch selects fields by the value of its key. As in C, a case without a break
// continues with the fields of the next:
//
//	switch (uint8 kind) {
//	case 1:
//	case 2:
//	  string name;
//	  break;
//	default:
//	  blob data;
//	};
//
// # Defaults
//
// Everything that has a type can have a default: = value. Values are numbers (12, -1,
// 0x1f, 1.5), strings in single or double quotation marks with escapes (\n, \x41), and
// lists of values in any of the brackets {} [] () for types with parts. "0 * 5" means
// five zeros. <0a0b> is not a blob of these bytes, but the packed bytes of the value:
// the blob 0a0b is <02000a0b>.
//
// A field has an explicit default if the file sets one anywhere in it. The rest is
// zero, empty, or the least that its range allows.
package dc

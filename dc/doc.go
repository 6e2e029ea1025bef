// Package dc reads DC files, which describe the distributed objects of a game:
// their classes, the fields of each, and how a field's value becomes bytes.
//
// Everything that Astron's roles know of a game they know from its DC files, and
// every message about an object carries numbers that count through them. So this
// package does, to the letter, what Panda3D's parser (direct/src/dcparser) does,
// because that is what the clients run: it accepts what Panda3D accepts, rejects
// what it rejects, gives classes and fields the same numbers, and computes the
// same hash, which clients send when they log in.
//
// [ParseFiles] and [Parse] make a [File] of DC files. From there:
//
//   - [File.ClassByID], [File.FieldByID] and [Class.Field] resolve what messages
//     carry; [Class.RequiredFields] are the values that come with an object.
//   - [Field.Has] asks for keywords; [Field.DefaultPacked] is the default.
//   - [Field.Skip] finds the end of a value, [Field.Check] checks it as well,
//     [Field.Validate] checks that it is all there is, [Field.Split] takes
//     a molecular value apart.
//   - [Field.Unpack] and [Field.Pack] turn bytes into Go's terms and back,
//     [Field.JSON] and [Field.PackJSON] into JSON, [Field.Text] and
//     [Field.ParseText] into the form of a default in a DC file.
//   - [Format] formats files.
//
// A File and all that hangs on it never changes: any number of goroutines may
// use it. Skip, Check and Validate allocate nothing unless they fail.
//
// # The language
//
// A file is a list of declarations. Semicolons between them are optional, the
// one behind a field is not. Comments are // and /* */, as in C.
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
// Names are letters, digits and underscores. What a name means is decided at
// its first use: a type that is declared further down, or nowhere, is no error
// for Panda3D, and counts in the hash as "undeclared"; nothing can be packed for
// it. [File.Warnings] names such uses. Several files read together continue each
// other: numbers, keywords and names go on.
//
// # Fields
//
// A method, also called atomic field, has arguments: setName(string name). An
// update of it is a message to the object. A parameter field has just a type and
// a name: uint16 hp. A molecular field names methods of its class or of a base
// that are updated together; all of them need the same keywords, which are its
// own, too.
//
// Behind a field stand its keywords. Nine need no declaration: required, ram and
// db say what is kept, broadcast, clrecv, ownrecv and airecv who hears of it,
// clsend and ownsend which clients may send it. Further ones are declared. The
// fields of a struct have none.
//
// Fields are numbered through all files from 0 in the order in which they are
// complete, so those of a struct within a field come before the field. Structs'
// fields count, too. Classes are numbered from 0 as well; a struct takes up
// a place but has no number.
//
// A class has the fields of its bases. One of its own hides those of its name;
// among several bases the first one's counts. The method of a struct that has
// the struct's name is its constructor: it has no number, and is packed first.
//
// # Types
//
// All numbers are little-endian. A "length" is in bytes and does not count itself.
//
//	int8 int16 int32 int64        1, 2, 4, 8 bytes, two's complement
//	uint8 uint16 uint32 uint64    1, 2, 4, 8 bytes
//	float64                       8 bytes, IEEE 754
//	float32                       4 bytes; see below
//	char                          1 byte, written 'a' or 97
//	string, blob                  uint16 length, then the bytes
//	string(5), blob(5)            the 5 bytes alone: the only length needs no telling
//	blob32                        uint32 length, then the bytes
//	T x[]                         uint16 length of all elements together, then they
//	T x[3]                        the elements alone, if all values of T have one size;
//	                              else as T x[]
//	T x[2-4, 8]                   as T x[]; 2, 3, 4 or 8 elements
//	T x[2][3]                     2 times 3 elements. Whether a length stands in front
//	                              depends on T alone for each of the arrays
//	int8array … uint32array       as T x[] of that number
//	uint32uint8array              as T x[] of a uint32 and a uint8, 5 bytes each
//	struct                        its fields in order of their numbers, one after the
//	                              other, those of its bases among them, without the
//	                              molecular ones
//	a dclass                      as a struct
//	switch                        the key, then the fields of the case it chooses
//	a method                      its arguments one after the other
//	a molecular field             its methods one after the other
//
// float32 is unknown to Panda3D and hashed as an undeclared type, but Astron's
// other clients have it, so it can be packed here, unless a file declares
// another type by that name. bool is unknown to all of them.
//
// Behind the word for a number may stand, in any order:
//
//	int16(-5-5, 100)   a range: what values are allowed
//	int16 / 10         a divisor: 1.5 is packed as 15; the range is in units of 1
//	int16 % 360        a modulus: packing wraps 370 to 10
//
// A divisor or modulus may also follow the name: int16 x / 10. The range of
// a string or a blob is that of its length; the ends of a char's may be
// characters: char('a'-'z').
//
// A switch chooses fields by the value of its key. As in C, a case without
// a break at its end goes on with the fields of the next:
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
// Whatever has a type can have a default: = value. Values are numbers (12, -1,
// 0x1f, 1.5), strings in either quotation marks with escapes (\n, \x41), and
// lists of values for whatever has parts, in any of the brackets {} [] (). "0 * 5"
// stands for five zeros. <0a0b> is not a blob of these bytes, but the packed
// bytes of whatever is wanted there: the blob 0a0b is <02000a0b>.
//
// A field has an explicit default if the file sets one anywhere in it. What is
// not set is zero, empty, or the least that its range allows.
package dc

// Package document is the form in which objects lie in a database, whatever the
// database is: a list of names and values with the types that MongoDB's BSON has
// and Astron uses. It knows nothing of DC files; package storage turns DC values
// into documents and back.
//
// Append and Parse write and read a document as JSON text, which is what the
// embedded database holds, in the forms of MongoDB's Extended JSON (relaxed) as
// far as that has one:
//
//	int32, int64    5
//	float64         1.5, 2.0, -0.0, 1e+300; {"$numberDouble": "NaN"}, "Infinity",
//	                "-Infinity"; "NaN(0x7ff8000000000001)" keeps the bits of a NaN
//	string          "text"; binary where it is not UTF-8
//	[]byte          {"$binary": {"base64": "AAE=", "subType": "00"}}
//	Document        {"name": value}
//	Array           [value, value]
//	Scaled          {"$scaled": 1.5}
//	Text            {"$text": "text"}
//	Other           true, false, null; else {"$bson": "07…"}, the type's number and
//	                the value's bytes in hexadecimal digits
//
// A document with a name that begins with "$" is written {"$document": [["$name",
// value]]}, so that it is never taken for one of these.
package document

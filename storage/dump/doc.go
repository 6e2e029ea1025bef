// Package dump moves objects between databases: as text, with one JSON object a line, and
// from any [Source] into any [storage.Store].
//
// # The text
//
//	{"ids": {"next": 1004, "free": [1002]}}
//	{"do_id": 1000, "dclass": "Avatar", "fields": {"setName": {"name": "Flo"}, "hp": 15}}
//
// The line with the ids comes first, if the dump is of a whole database; then the
// objects, in order of their ids. Fields are documents with the DC file's names for
// fields and parameters, in the JSON of package document: every bit of every value is
// there, also of those that the DC file cannot read, and no DC file is needed. So
// numbers of fixed point are whole ones, as they are packed.
//
// # Copying
//
// [Copy] puts what a Source has into a Store. An object that is there already, and is
// the same, is left alone, so a copy that broke off is begun again. One that is
// different is left alone, unless Options.Replace is set.
package dump

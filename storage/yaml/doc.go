// Package yaml keeps objects in a folder of YAML files that people read and edit,
// laid out as the reference does, so that its folder opens unchanged:
//
//	1000.yaml   id: 1000
//	            class: DistributedToon
//	            fields:
//	              setName: ("Alice")
//	              hp: 15
//	info.yaml   next: 1001
//	            free:
//	              - 990
//
// A value stands there as a DC file would have it as a default, without names, and
// with fixed-point numbers as they are packed.
//
// Each change writes a new file, has the disk take it, and puts it in the old one's
// place: what was answered survives a power cut, and no file is ever half written.
// Calls for one object come one after the other; those for different ones do not
// wait for each other, except Create and Delete, which share info.yaml.
//
// Indexes are maps in memory. SetIndexes makes them from all files.
//
// People may edit an object's file while the store has it open, best by replacing it
// as a whole: it is read again for each call. info.yaml is read once, when the folder
// is opened. The file .lock prevents a second process from opening the folder.
//
// A change keeps the text of all other values as it was, also of those that the DC
// file cannot read, and top-level keys that mean nothing here. Comments are lost.
package yaml

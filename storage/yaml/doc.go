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
// A value is written like a default in a DC file, without names, and with fixed-point numbers
// as they are packed.
//
// Each change writes a new file, waits until the disk has it, and renames it over the old
// one. So what was answered survives a power cut, and no file is ever half written. Calls for
// one object are done one after the other; those for different objects do not wait for each
// other, except Create and Delete, which share info.yaml.
//
// People may edit an object's file while the store has it open, best by replacing the whole
// file: it is read for each call. info.yaml is read once, when the folder is opened. The file
// .lock keeps other processes away.
//
// A change keeps the text of all other values, including those that the DC file cannot read,
// and unknown top-level keys. Comments are lost.
package yaml

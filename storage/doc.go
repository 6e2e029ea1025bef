// Package storage keeps objects when the cluster ends: it has the contract of a database,
// and the form in which DC values are stored.
//
// [Store] is the contract. Three packages implement it:
//
//   - storage/embedded: one local SQLite file, no server. The default.
//   - storage/mongo: MongoDB, in Astron's layout.
//   - storage/yaml: a folder of YAML files that people edit, as the reference has it.
//
// A Store knows objects as documents (package document): names and values, no DC file.
// So all databases hold the same, export is a copy, and a value that the DC file
// cannot read is still a value. [Encode] and [Decode] turn packed DC values into
// stored ones and back, for all of them.
//
// [Objects] puts the two together, and is what a database server uses:
//
//	store, err := embedded.Open("objects.db", storage.Range{Min: 100000000, Max: 399999999})
//	objects := storage.NewObjects(store, dcFile)
//	id, err := objects.Create(ctx, class, []dc.FieldValue{{Field: name, Packed: packed}})
//	err = objects.Update(ctx, id, storage.Change{
//		If:  []dc.FieldValue{{Field: money, Packed: five}},
//		Set: []dc.FieldValue{{Field: money, Packed: three}},
//	})
//
// # Indexes
//
// [Store.SetIndexes] has a Store keep indexes, and [Store.Find] finds objects by the
// value of a field. A unique [Index] has each value belong to one object. [FieldIndex] is the
// same in DC terms, and says which fields can be indexed.
//
// # When the DC file changes
//
//   - A new field has no value until it is set.
//   - The value of a field that is gone stays stored, and comes as
//     Snapshot.Unreadable. If the field returns, so does its value.
//   - A field of another type reads what still fits: 5 is a uint8 as well as
//     a uint32. What does not fit comes as Unreadable and stays, until the field is
//     set or deleted. A compare-and-set never finds it equal, nor empty.
//   - A field that moves to another class, or another place in its class, is the same:
//     what is stored goes by names.
//   - An object whose class is gone is ErrUnreadable and stays as it is.
//
// # Testing
//
// storagetest.Run is the contract as tests, for every backend.
package storage

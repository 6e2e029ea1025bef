// Package mongo keeps objects in MongoDB, in the reference's documents, so that
// its database opens unchanged:
//
//	astron.objects  {_id: 1000, dclass: "DistributedToon", fields: {hp: 15}}
//	astron.globals  {_id: "GLOBALS", doid: {monotonic: 1001, free: []}}
//
// We add three things. Ids that are free again are documents, {_id: 990, at: 1} in
// astron.freed, instead of a list that grows in one document; the ids in that list are moved
// there when the database is opened. doid.min says which range GLOBALS counts for; another
// range on the same database has a document {_id: "GLOBALS <min>"}. And there are marks of
// attempts, see below.
//
// Databases of OtpGo and Ardos, which have collections called objects and globals, are read as
// well: arrays for methods, divided numbers, doId.next. They are written in our form.
//
// # When the connection breaks
//
// Writes are acknowledged by a majority, and journaled. If an answer does not come, nobody
// knows whether the write was done or still will be, even after it was repeated and others
// have changed the same object. So each attempt has a mark, which it leaves:
//
//   - made, in an object, is the mark of its Create or Put, by which a repeated one finds
//     that it was done. A Delete removes only the object with this mark.
//   - recent, in an object, are the marks of the latest updates; in a counter, those of the
//     latest ids, in the order in which they were given.
//   - fenced, in an object, are the marks of attempts that were given up. The server does
//     none of these: an Update checks the list itself, and to block inserts the document
//     stays when the object is deleted, with the dclass "".
//
// An Update whose answer did not come is fenced and looked for in recent, in one step. After
// that it is either done, or certainly not, and is repeated under another mark. If so many
// other updates came between that its mark may have been pushed out, or the object has been
// deleted, the answer is storage.ErrUnknown. A free id stays in astron.freed until an object
// has it; the insert decides which Create gets it.
//
// All this ends after [Options.Timeout], with storage.ErrUnknown, or with
// storage.ErrUnavailable if certainly nothing was done. Only a Create that ends with
// ErrUnknown may cost an id, which is then never given.
package mongo

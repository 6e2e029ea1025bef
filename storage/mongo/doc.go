// Package mongo keeps objects in MongoDB, in the reference's documents, so that
// its database opens unchanged:
//
//	astron.objects  {_id: 1000, dclass: "DistributedToon", fields: {hp: 15}}
//	astron.globals  {_id: "GLOBALS", doid: {monotonic: 1001, free: []}}
//
// Three things are ours. Ids that are free again are documents of their own,
// {_id: 990, at: 1} in astron.freed, instead of a list that grows in one document; what
// the list holds is moved there when the database is opened. doid.min says
// which range GLOBALS counts for; another range on the same database counts in
// a document {_id: "GLOBALS <min>"}. And there are marks of attempts, see below.
//
// Indexes of SetIndexes are partial ones of astron.objects; see index.go.
//
// Databases of OtpGo and Ardos, which have collections called objects and globals,
// are read as well: arrays for methods, divided numbers, doId.next. What is written is
// ours.
//
// # When the connection breaks
//
// Writes are acknowledged by a majority, and journaled. If an answer does not come,
// it is not known whether the write was done, or will be, even after it was repeated and
// others have changed what it is about. So each attempt has a mark, and leaves it:
//
//   - made, in an object, is the mark of its Create or Put. A repeated one that finds it
//     was done. A Delete is for the object with just that mark.
//   - recent, in an object, are the marks of the latest updates; in a counter, those of
//     the latest ids, in the order in which they were given.
//   - fenced, in an object, are the marks of attempts that were given up. No attempt is
//     done whose mark is there: an Update asks for that itself, and for inserts the
//     document stays when the object is deleted, as one of the dclass "".
//
// An Update whose answer did not come is fenced and looked for in recent, in one step;
// then it is either done, or certainly not, and repeated under another mark. If so
// many others came between that the mark may have been pushed out, or the object is
// gone, the answer is storage.ErrUnknown. A free id stays in astron.freed until an
// object has it; which Create gets it is decided by the insert.
//
// All this ends when Options.Timeout is over, with storage.ErrUnknown, or, if
// certainly nothing was done, storage.ErrUnavailable. Only a Create that ends with
// ErrUnknown may cost an id, which is then never given.
package mongo

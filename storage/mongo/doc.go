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
// a document {_id: "GLOBALS <min>"}. And an object that was compared and set has
// a key recent beside fields: marks of the latest changes of that kind.
//
// Databases of OtpGo and Ardos, which have collections called objects and globals,
// are read as well: arrays for methods, divided numbers, doId.next. What is written is
// ours.
//
// # When the connection breaks
//
// Writes are acknowledged by a majority, and journaled. If an answer does not come,
// nobody knows whether the write was done. Then
//
//   - a Create is repeated under the same id; finding just that object there
//     is success;
//   - a Put, a Delete and a plain Update are repeated;
//   - an Update with conditions looks for its mark in the object: if it is there, the
//     update was done; if it is not, it is repeated, in such a way that it cannot be
//     done twice; if so many others came between that the mark may have been pushed
//     out, the answer is storage.ErrUnknown.
//
// All this ends when Options.Timeout is over, with storage.ErrUnknown, or, if
// certainly nothing was done, storage.ErrUnavailable. A write whose answer did not
// come may cost an id, which is then never given.
package mongo

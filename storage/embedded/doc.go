// Package embedded keeps objects in one local SQLite file, without a server: the
// default. What was answered is on the disk: it survives the death of the process
// and a lost power supply.
//
// The file is in WAL mode with synchronous=FULL, so a commit returns only when the data is
// on the disk. One goroutine writes. It does all requests that wait in one transaction, so
// that many callers share the cost of one commit, and then answers them. Reads use
// connections of their own, and see what was answered. The counter of ids is changed in the
// same transaction that stores the object with the id.
//
// # In the file
//
//	objects  doid, dclass, fields   fields is JSON; see package document
//	ids      min, next              the least id never given, of the range from min on
//	freed    at, doid               ids that are free again, oldest first
//	commits  n                      how many transactions there were
//
// and an index for each of SetIndexes; see index.go.
//
// It may be read with sqlite3 while it is in use:
//
//	sqlite3 objects.db "SELECT doid, dclass, fields ->> '$.setName.name' FROM objects"
//
// and copied with sqlite3's ".backup". A copy made with cp while it is in use is
// incomplete: the latest commits are in objects.db-wal beside it, until that is taken in, once
// a minute and at the end. objects.db.lock prevents a second process from opening it.
//
// # Lost changes are noticed
//
// objects.db.mark says how many transactions were answered, and which id is next. Open
// returns storage.ErrLost for a database that is behind it, unless there is a file
// objects.db.accept-loss; ids are not given again even then. And before the writer
// answers it looks whether the files are still those that it opened. If they are not,
// every call fails from then on.
package embedded

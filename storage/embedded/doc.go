// Package embedded keeps objects in one local SQLite file, without a server. It is the
// default. What was answered is on the disk: it survives the death of the process and a power
// cut.
//
// The file is in WAL mode with synchronous=FULL, so a commit returns only when the disk has
// it. One goroutine writes. It does all waiting calls in one transaction, so that many callers
// share the cost of a commit, and answers them after it. Reads use their own connections, and
// see what was answered. The counter of ids is in the same transaction as the object that got
// the id.
//
// # In the file
//
//	objects  doid, dclass, fields   fields is JSON; see package document
//	ids      min, next              the lowest id of the range from min that was never given
//	freed    at, doid               ids that are free again, oldest first
//	commits  n                      how many transactions there were
//
// It may be read with sqlite3 while it is in use:
//
//	sqlite3 objects.db "SELECT doid, dclass, fields ->> '$.setName.name' FROM objects"
//
// and copied with sqlite3's ".backup". A copy made with cp while it is in use is not complete:
// the latest commits are in objects.db-wal beside it, and move into the file once a minute and
// at the end. objects.db.lock keeps other processes away.
//
// # Noticing a loss
//
// objects.db.mark says how many transactions were answered, and which id is next. Open returns
// storage.ErrLost for a database that is behind it, unless there is a file
// objects.db.accept-loss; even then no id is given twice. Before the writer answers it checks
// that the files are still those that it opened. If they are not, every call fails from then
// on.
package embedded

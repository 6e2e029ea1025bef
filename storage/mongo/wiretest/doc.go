// Package wiretest is a MongoDB server for tests, as small as the Mongo backend lets
// it be: it keeps documents in memory behind one mutex, speaks OP_MSG, and knows the
// commands and operators that the backend uses, and no others. It exists for what
// no real server does on demand: connections that break before or after a write was
// done, answers that do not come, error codes, a primary that steps down. Where the
// meaning of an operator is in doubt, a real server is right; the backend's tests run
// against one, too.
package wiretest

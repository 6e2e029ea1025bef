package roles

import (
	"context"
	"time"
)

// A Role is one job of the daemon. Its owner, a [Group] for example, calls its methods
// in this order, once each:
//
//	         error                      nil or error
//	Start ───────────▶ (over)    Run ─────────────────▶ Stop ──▶ (over)
//	  │                           ▲
//	  └──────── ready ────────────┘
//
// Stop is called if, and only if, Start returned nil, and after Run has returned if it
// was called. So no two of them overlap, and a role needs no locks between them.
type Role interface {
	// Name is the role's label in logs and metrics, such as
	// "stateserver[402000]".
	Name() string

	// Start makes the role ready: after it has returned nil, the role answers what is
	// sent to its channels. If it returns an error it has released everything. The
	// context bounds the start only.
	Start(ctx context.Context) error

	// Run does the work. It returns nil soon after ctx is done, or an error
	// when the role cannot go on.
	Run(ctx context.Context) error

	// Stop releases what Start and Run took. The context bounds how long it may take;
	// cause is why the role ends, nil for an ordinary end.
	Stop(ctx context.Context, cause error)
}

// A Checked role can tell whether it is able to do its work at the moment. A role that
// is not Checked always is, from Start to Stop.
type Checked interface {
	// Ready returns nil while the role can do all of its work, and otherwise the reason
	// in words for an operator: its storage does not answer, it admits no new clients.
	// Any goroutine may call it between Start and Stop, also several at once. It returns
	// soon, and in any case when ctx is done. A process is not ready as long as one of
	// its roles is not.
	Ready(ctx context.Context) error
}

// A Follower can prepare to take over from another process that has the same role.
type Follower interface {
	Role
	// Follow learns what the other process has, until ctx is done. It is called at most once,
	// before Start, and returns before Start is called.
	Follow(ctx context.Context)
}

// A Drainer is a role that people use for a while, and that can be told to let nobody in any
// more, so that its process can end without interrupting anyone. Any goroutine may call its
// methods between Start and Stop.
type Drainer interface {
	Role
	// Drain lets nobody in. Those who are there may go on for that long. Called again, it
	// changes how long. It does not wait.
	Drain(within time.Duration)
	// Undrain lets people in again. If it fails, the role drains as before.
	Undrain(ctx context.Context) error
	// Drained is closed when the role drains and nobody is left, or the time is up.
	Drained() <-chan struct{}
	// DrainTimeout is how long people may go on by the configuration; 0: they are not waited
	// for.
	DrainTimeout() time.Duration
	// Draining is how many are there, and until when they may go on; zero if it does not drain.
	Draining() (left int, until time.Time)
}

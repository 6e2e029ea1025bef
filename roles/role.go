package roles

import "context"

// A Role is one job of the daemon. Its owner calls its methods in this order, once each:
//
//	         error                      nil or error
//	Start ───────────▶ (over)    Run ─────────────────▶ Stop ──▶ (over)
//	  │                           ▲
//	  └──────── ready ────────────┘
//
// Stop is called if, and only if, Start returned nil; by then Run has returned,
// or was never called. So no two of them overlap, and a role needs no locks
// between them.
type Role interface {
	// Name is the role's label in logs and metrics, such as
	// "stateserver[402000]".
	Name() string

	// Start makes the role ready: when it returns nil, what is sent to the
	// role's channels from now on will be answered. After an error there is
	// nothing left of it. The context bounds the start only.
	Start(ctx context.Context) error

	// Run does the work. It returns nil soon after ctx is done, or an error
	// when the role cannot go on.
	Run(ctx context.Context) error

	// Stop releases what Start and Run acquired. The context bounds how long it
	// may take; cause is why the role ends, nil for an ordinary end.
	Stop(ctx context.Context, cause error)
}

// A Checked role can tell whether it can do its work at the moment. One that is
// not Checked can, from Start to Stop.
type Checked interface {
	// Ready is nil while the role can do all of its work, or says in words for an
	// operator why not: its storage cannot be reached, it takes no new clients any
	// more. It may be called by any goroutine between Start and Stop, and by
	// several at once; it returns soon, and in any case when ctx is done. The
	// process is shown as not ready as long as one of its roles is not.
	Ready(ctx context.Context) error
}

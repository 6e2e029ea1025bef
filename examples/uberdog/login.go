package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/crypto/bcrypt"

	"natstron/bridge/wire"
	"natstron/roles/ask"
	"natstron/roles/gamerole"
)

// options are the keys of the role in astrond.yml.
type options struct {
	ID          wire.DoID    `key:"id,required" doc:"The doId of the login manager, as in uberdogs."`
	Database    wire.Channel `key:"database,required" doc:"The control channel of the database that has the accounts."`
	Directory   wire.DoID    `key:"directory,required" doc:"The object that knows the accounts' names: the first doId that the database gives."`
	StateServer wire.Channel `key:"stateserver,required" doc:"The control channel of the state server that has the avatars."`
	Town        wire.DoID    `key:"town,required" doc:"The parent of all avatars."`
	Cost        int          `key:"cost" default:"10" min:"4" max:"15" doc:"How much work it is to hash a password; one more is twice as much."`
}

// Channel is the role's own channel. No other process of the cluster has it at the same time.
func (o *options) Channel() wire.Channel { return o.ID.Channel() }

// Where avatars are, and the interest by which clients see each other.
const (
	square   wire.Zone = 1
	interest uint16    = 1
)

// logins is the login manager. All its methods are called in turns of the node, one at a time,
// so it needs no locks, and waits for nothing: whatever takes time calls a function back.
type logins struct {
	*gamerole.Role
	*options
	db      ask.Database
	manager *gamerole.Object
	names   directory
	busy    map[wire.Channel]bool // clients that are in, or whose login is under way
	coming  map[string]bool       // names whose accounts are being created
	count   *gamerole.Metric
}

// newLogins is called for each role of the type logins.
func newLogins(r *gamerole.Role, o *options) (gamerole.Game, error) {
	l := &logins{Role: r, options: o, db: ask.Database(o.Database), names: directory{}, busy: map[wire.Channel]bool{}, coming: map[string]bool{}}
	l.count = r.Counter("visits", "Players who have come in.")
	var err error
	if l.manager, err = r.Object("LoginManager", o.ID); err != nil {
		return nil, err
	}
	return l, l.manager.Handle("login", l.login)
}

// Start loads the directory. Clients cannot connect before the role is ready.
func (l *logins) Start(ready func(error)) { l.load(ready) }

// Stop is called at the end. The role's avatars end with it.
func (l *logins) Stop() {}

// login is LoginManager.login, from a client that has not logged in. A name that nobody has gets
// a new account.
func (l *logins) login(client wire.Channel, name, password string) {
	switch {
	case l.busy[client]:
		return // it is being let in
	case name == "" || len(name) > 20 || password == "" || len(password) > 72:
		l.refuse(client, wire.EjectBadCredentials, "Say your name in at most 20 letters, and a password in at most 72.")
		return
	case l.coming[name]:
		l.refuse(client, wire.EjectBadCredentials, "Somebody else takes that name at the moment.")
		return
	}
	l.busy[client] = true
	if account, ok := l.names[name]; ok {
		l.check(client, account, password)
	} else {
		l.create(client, name, password)
	}
}

// check lets a client in if the password is the account's.
func (l *logins) check(client wire.Channel, account wire.DoID, password string) {
	l.Ask(l.db.Get("Account", account, []string{"name", "hash", "visits"}, func(stored ask.Values, err error) {
		if err != nil {
			l.fail(client, err)
			return
		}
		hash, _ := stored["hash"].([]byte)
		compare := func(context.Context) (bool, error) {
			return bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil, nil
		}
		l.Ask(ask.Do(compare, func(same bool, err error) {
			switch {
			case err != nil:
				l.fail(client, err)
			case !same:
				l.refuse(client, wire.EjectBadCredentials, "That is not the password.")
			default:
				name, _ := stored["name"].(string)
				visits, _ := stored["visits"].(uint32)
				l.enter(client, account, name, visits+1)
			}
		}))
	}))
}

// create makes an account: its password's hash, its object in the database, its name in the
// directory.
func (l *logins) create(client wire.Channel, name, password string) {
	l.coming[name] = true
	done := func(account wire.DoID, err error) {
		delete(l.coming, name)
		if err != nil {
			l.fail(client, err)
			return
		}
		l.Log().Info("a new account", "name", name, "account", uint32(account))
		l.enter(client, account, name, 1)
	}
	hash := func(context.Context) ([]byte, error) { return bcrypt.GenerateFromPassword([]byte(password), l.Cost) }
	l.Ask(ask.Do(hash, func(hash []byte, err error) {
		if err != nil {
			done(0, err)
			return
		}
		l.Ask(l.db.Create("Account", ask.Values{"name": name, "hash": hash}, func(account wire.DoID, err error) {
			if err != nil {
				done(0, err)
				return
			}
			l.add(name, account, func(err error) { done(account, err) })
		}))
	}))
}

// enter gives a client an avatar and lets it in. What the role sends takes effect in this order,
// whichever processes it goes to.
func (l *logins) enter(client wire.Channel, account wire.DoID, name string, visits uint32) {
	session := ask.Client(client)
	l.Create(l.StateServer, "Avatar", wire.Location{Parent: l.Town, Zone: square}, ask.Values{"setName": name}, func(avatar *gamerole.Object, err error) {
		if err == nil {
			err = avatar.Handle("setChat", func(_ wire.Channel, text string) { l.Log().Info("chat", "name", name, "text", text) })
		}
		if err != nil {
			l.fail(client, err)
			return
		}
		avatar.Ended(func() {
			delete(l.busy, client) // the next client may have the channel
			l.Log().Info("a player is gone", "name", name)
		})
		for _, m := range []ask.Message{
			// A client that is in with this account leaves, and this one can be found in the same way.
			ask.Client(connected(account)).Eject(wire.EjectLoggedInElsewhere, "You have logged in again."),
			session.OpenChannel(connected(account)),
			session.LetIn(),
			session.AddSessionObject(avatar.DoID()), // the avatar ends with the session
			session.AddInterest(interest, l.Town, square),
			ask.SetOwner(avatar.DoID(), client),
			session.Update("LoginManager", l.ID, "welcome", fmt.Sprintf("Welcome, %s! Visit number %d.", name, visits)),
			l.db.Set("Account", account, ask.Values{"visits": visits}),
		} {
			_ = l.Tell(m) // an error is logged
		}
		// If the client has gone meanwhile, nobody has heard all that.
		l.Ask(ask.Raw(client, wire.ClientAgentGetNetworkAddress, wire.ClientAgentGetNetworkAddressResp, nil, func(_ *wire.Reader, err error) {
			if errors.Is(err, ask.ErrNoAnswer) {
				_ = avatar.Delete() // an error is logged
			}
		}))
		l.count.Add(1)
		l.Log().Info("a player comes in", "name", name, "visits", visits, "avatar", uint32(avatar.DoID()))
	})
}

// connected is the channel of the client that is in with an account, as the original games had it.
func connected(account wire.DoID) wire.Channel {
	return wire.Location{Parent: 1003, Zone: wire.Zone(account)}.Channel()
}

// fail ends a login that failed for a reason that is not the player's.
func (l *logins) fail(client wire.Channel, err error) {
	l.Log().Error("a login failed", "client", uint64(client), "error", err)
	text := "The town cannot let you in. Try again later."
	if errors.Is(err, errTaken) {
		text = "Somebody else has that name."
	}
	l.refuse(client, wire.EjectGeneric, text)
}

func (l *logins) refuse(client wire.Channel, code wire.EjectCode, text string) {
	delete(l.busy, client)
	_ = l.Tell(ask.Client(client).Eject(code, text)) // an error is logged
}

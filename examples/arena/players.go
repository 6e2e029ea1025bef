package main

import (
	"errors"
	"time"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/ask"
	"natstron/roles/gamerole"
)

// playersOptions are the keys of the role in astrond.yml.
type playersOptions struct {
	ID          wire.DoID    `key:"id,required" doc:"The doId of the login manager, as in uberdogs."`
	Database    wire.Channel `key:"database,required" doc:"The control channel of the database that has the accounts."`
	StateServer wire.Channel `key:"stateserver,required" doc:"The control channel of the state server that has the avatars."`
	Meadow      wire.DoID    `key:"meadow,required" doc:"The parent of all avatars."`
	Cost        int          `key:"cost" default:"10" min:"4" max:"15" doc:"How much work it is to hash a password; one more is twice as much."`
}

// Channel is the role's own channel. No other process of the cluster has it at the same time.
func (o *playersOptions) Channel() wire.Channel { return o.ID.Channel() }

// saveEvery is how often the places of players are stored, while they walk.
const saveEvery = 2 * time.Second

// players is the role: the login manager, and the AI of all avatars. Its methods are called in turns
// of the node, one at a time, so it needs no locks; it waits for nothing.
type players struct {
	*gamerole.Role
	*playersOptions
	db   ask.Database
	busy map[wire.Channel]bool // clients that are in, or whose login is under way
	in   map[wire.DoID]*player // who plays, by account
}

// player is an account that is in, and its avatar.
type player struct {
	account wire.DoID
	name    string
	hue     uint16
	x, y    uint16
	points  uint32
	avatar  *gamerole.Object
	client  wire.Channel // whose it is
	changed bool         // since it was stored
}

// newPlayers is called for each role of the type players.
func newPlayers(r *gamerole.Role, o *playersOptions) (gamerole.Game, error) {
	p := &players{Role: r, playersOptions: o, db: ask.Database(o.Database), busy: map[wire.Channel]bool{}, in: map[wire.DoID]*player{}}
	r.Gauge("online", "Players who are in.", func() float64 { return float64(len(p.in)) })
	manager, err := r.Object("LoginManager", o.ID)
	if err != nil {
		return nil, err
	}
	return p, manager.Handle("login", p.login)
}

// Start begins to store. Clients cannot connect before the role is ready.
func (p *players) Start(ready func(error)) {
	p.saveLater()
	ready(nil)
}

// Stop is called at the end. The avatars end with the role.
func (p *players) Stop() { p.save() }

func (p *players) saveLater() {
	p.Ask(ask.After(saveEvery, func(error) {
		p.save()
		p.saveLater()
	}))
}

// save stores what has changed, so that even a lost machine costs nobody more than a few steps.
func (p *players) save() {
	for _, one := range p.in {
		if one.changed {
			p.store(one)
		}
	}
}

func (p *players) store(one *player) {
	one.changed = false
	_ = p.Tell(p.db.Set("Account", one.account, ask.Values{ // an error is logged
		"setXY": []any{one.x, one.y}, "setPoints": one.points,
	}))
}

// enter lets a client in with an account. What the role sends takes effect in this order, whichever
// processes it goes to.
func (p *players) enter(client wire.Channel, one *player) {
	if there := p.in[one.account]; there != nil {
		one = there // what is stored is older
	}
	at := wire.Location{Parent: p.Meadow, Zone: zone}
	values := ask.Values{"setName": one.name, "setHue": one.hue, "setXY": []any{one.x, one.y}, "setPoints": one.points}
	p.Create(p.StateServer, "Avatar", at, values, func(avatar *gamerole.Object, err error) {
		var before wire.Channel
		if there := p.in[one.account]; there != nil {
			before = there.client
		}
		if err == nil {
			err = p.play(one, avatar, client)
		}
		if err != nil {
			p.fail(client, err)
			return
		}
		if before != 0 { // a client is in with this account
			_ = p.Tell(ask.Client(before).Eject(wire.EjectLoggedInElsewhere, "You have logged in again elsewhere.")) // an error is logged
		}
		session := ask.Client(client)
		for _, m := range []ask.Message{
			session.LetIn(),
			session.AddSessionObject(avatar.DoID()), // the avatar ends with the session
			ask.SetOwner(avatar.DoID(), client),
			session.AddInterest(1, p.Meadow, zone),
		} {
			_ = p.Tell(m) // an error is logged
		}
		// If the client has gone meanwhile, nobody has heard all that.
		p.Ask(ask.Raw(client, wire.ClientAgentGetNetworkAddress, wire.ClientAgentGetNetworkAddressResp, nil, func(_ *wire.Reader, err error) {
			if errors.Is(err, ask.ErrNoAnswer) {
				_ = avatar.Delete() // an error is logged
				p.gone(one, avatar, client)
			}
		}))
		p.Log().Info("a player comes in", "name", one.name, "client", uint64(client), "avatar", uint32(avatar.DoID()))
	})
}

// play has a player's account follow an avatar.
func (p *players) play(one *player, avatar *gamerole.Object, client wire.Channel) error {
	if there := p.in[one.account]; there != nil {
		*one = *there // two came in at once
	}
	one.avatar, one.client = avatar, client
	p.in[one.account] = one
	avatar.Ended(func() { p.gone(one, avatar, client) })
	err := avatar.Handle("setXY", func(_ wire.Channel, x, y uint16) {
		if one.avatar == avatar { // and no newer one
			one.x, one.y, one.changed = x, y, true
		}
	})
	if err != nil {
		return err
	}
	return avatar.Handle("caught", func(wire.Channel) {
		one.points++
		one.changed = true
		_ = avatar.Set("setPoints", one.points) // an error is logged
	})
}

// gone stores what becomes of a player whose avatar is no more, unless another avatar has taken over.
func (p *players) gone(one *player, avatar *gamerole.Object, client wire.Channel) {
	delete(p.busy, client)
	if one.avatar != avatar || p.in[one.account] != one {
		return
	}
	delete(p.in, one.account)
	p.store(one)
	p.Log().Info("a player is gone", "name", one.name)
}

// stored is what the database has of an account.
func stored(account wire.DoID, v ask.Values) *player {
	one := &player{account: account}
	one.name, _ = v["setName"].(string)
	one.hue, _ = v["setHue"].(uint16)
	one.points, _ = v["setPoints"].(uint32)
	at, _ := v["setXY"].(dc.Record)
	x, _ := at.Get("x")
	y, _ := at.Get("y")
	one.x, _ = x.(uint16)
	one.y, _ = y.(uint16)
	return one
}

package main

import (
	"context"
	"errors"
	"hash/fnv"
	"strings"
	"time"
	"unicode"

	"golang.org/x/crypto/bcrypt"

	"natstron/bridge/wire"
	"natstron/roles/ask"
)

// login is LoginManager.login, from a client that has not logged in. The first with a name gets it.
func (p *players) login(client wire.Channel, name, password string) {
	switch {
	case p.busy[client]:
		return // one login is enough
	case strings.TrimSpace(name) != name || strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) }):
		p.refuse(client, wire.EjectBadCredentials, "A name is letters, without blanks around them.")
		return
	}
	p.busy[client] = true
	p.Ask(p.db.Find("Account", "setName", name, 0, func(found []wire.DoID, _ bool, err error) {
		switch {
		case err != nil:
			p.fail(client, err)
		case len(found) == 0:
			p.register(client, name, password)
		default:
			p.check(client, found[0], password)
		}
	}))
}

// register creates an account, in the middle of the meadow. The hash of the password has a salt in
// it; it takes a while to compute, so that is done in a goroutine.
func (p *players) register(client wire.Channel, name, password string) {
	hash := func(context.Context) ([]byte, error) { return bcrypt.GenerateFromPassword([]byte(password), p.Cost) }
	p.Ask(ask.Do(hash, func(hash []byte, err error) {
		if err != nil {
			p.fail(client, err)
			return
		}
		values := ask.Values{
			"setName": name, "setPassword": hash, "setHue": hue(name), "setPoints": uint32(0),
			"setXY": []any{uint16(width / 2), uint16(height / 2)},
		}
		p.Ask(p.db.CreateIfAbsent("Account", values, func(account wire.DoID, err error) {
			switch {
			case errors.Is(err, ask.ErrTaken): // just now, by somebody else
				p.check(client, account, password)
			case err != nil:
				p.fail(client, err)
			default:
				p.Log().Info("a new account", "name", name, "account", uint32(account))
				p.enter(client, &player{account: account, name: name, hue: hue(name), x: width / 2, y: height / 2})
			}
		}))
	}))
}

// hue is the colour of a new player.
func hue(name string) uint16 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(name)) // never fails
	return uint16(h.Sum32() % 360)
}

// check lets a client in if the password is the account's. A wrong one takes a second.
func (p *players) check(client wire.Channel, account wire.DoID, password string) {
	fields := []string{"setName", "setPassword", "setHue", "setXY", "setPoints"}
	p.Ask(p.db.Get("Account", account, fields, func(v ask.Values, err error) {
		if err != nil {
			p.fail(client, err)
			return
		}
		hash, _ := v["setPassword"].([]byte)
		compare := func(context.Context) (bool, error) {
			return bcrypt.CompareHashAndPassword(hash, []byte(password)) == nil, nil
		}
		p.Ask(ask.Do(compare, func(right bool, err error) {
			one := stored(account, v)
			switch {
			case err != nil:
				p.fail(client, err)
			case right:
				p.enter(client, one)
			default:
				p.Ask(ask.After(time.Second, func(error) {
					p.refuse(client, wire.EjectBadCredentials, "That is not the password of "+one.name+".")
				}))
			}
		}))
	}))
}

// fail ends a login that failed for a reason that is not the player's.
func (p *players) fail(client wire.Channel, err error) {
	p.Log().Error("a login failed", "client", uint64(client), "error", err)
	p.refuse(client, wire.EjectGeneric, "The arena cannot let you in. Try again later.")
}

func (p *players) refuse(client wire.Channel, code wire.EjectCode, text string) {
	delete(p.busy, client)
	_ = p.Tell(ask.Client(client).Eject(code, text)) // an error is logged
}

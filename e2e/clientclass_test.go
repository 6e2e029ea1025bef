package e2e

import (
	"testing"

	"natstron/bridge/wire"
	"natstron/dc"
	"natstron/roles/clientagent/clienttest"
)

// An astrond with a client class of its own, as its README says: logins without
// an UberDOG, chat filtered on its way in, and on its way out.
func TestExampleClientClass(t *testing.T) {
	t.Parallel()
	park := exampleProgram(t, "clientclass")
	d := example(t, "clientclass", park)
	address := d.where("listening for clients")
	const (
		manager wire.DoID    = 4665
		login   wire.FieldID = 0
		setChat wire.FieldID = 3
	)
	file, err := dc.ParseFiles("../examples/clientclass/park.dc")
	must(t, err)
	enter := func(name string) (*clienttest.Client, wire.DoID) {
		c := clienttest.Dial(t, address)
		c.Hello(file.Hash(), "park-1")
		c.SetField(manager, login, name)
		r := c.Until(wire.ClientEnterObjectRequiredOwner)
		return c, r.DoID()
	}
	ada, adaDo := enter("Ada")
	bob, bobDo := enter("Bob")
	about := func(c *clienttest.Client, kind wire.ClientMsgType) wire.DoID {
		r := c.Until(kind)
		return r.DoID()
	}
	for about(ada, wire.ClientEnterObjectRequired) != bobDo { // her own avatar, perhaps
	}
	chat := func(c *clienttest.Client, from wire.DoID, want string) {
		t.Helper()
		r := c.Until(wire.ClientObjectSetField)
		if do, field, text := r.DoID(), r.FieldID(), r.Text(); do != from || field != setChat || text != want {
			t.Errorf("%d says %q in field %d, want %d and %q", do, text, field, from, want)
		}
	}
	bob.SetField(bobDo, setChat, "what the heck")
	chat(ada, bobDo, "what the ****")

	ada.SetField(adaDo, setChat, "/deaf")
	ada.SetField(adaDo, setChat, "I hear nothing") // said after it
	chat(bob, adaDo, "I hear nothing")
	bob.SetField(bobDo, setChat, "not for Ada")
	bob.SetField(adaDo, setChat, "in Ada's name")
	bob.UntilEject(wire.EjectForbiddenField)
	if r := ada.Expect(wire.ClientObjectLeaving); r.DoID() != bobDo { // and no chat before it
		t.Error("somebody else than Bob leaves")
	}

	c := clienttest.Dial(t, address)
	c.Hello(file.Hash(), "park-1")
	c.SetField(manager, login, "a name of more than twenty letters")
	c.UntilEject(wire.EjectBadCredentials)
}

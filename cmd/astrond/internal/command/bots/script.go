package bots

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"text/template"
	"time"

	"natstron/bridge/wire"
	"natstron/cmd/astrond/internal/cmdline"
	"natstron/dc"
	"natstron/internal/configfile"
)

// Script is what bots do. Its zero value, with the defaults of the tags, says hello and watches.
type Script struct {
	Version   string        `key:"version" default:"dev" doc:"The version that clients say in their hello."`
	Hash      uint32        `key:"hash" doc:"The DC hash that they say; 0 is that of the DC files."`
	Ramp      int           `key:"ramp" default:"100" min:"1" max:"1000000" doc:"How many bots connect in a second."`
	Duration  time.Duration `key:"duration" default:"30s" min:"0s" max:"30d" doc:"How long the bots go on when the last one has logged in."`
	Settle    time.Duration `key:"settle" default:"2s" max:"10m" doc:"How long the bots still watch when they no longer do anything; what has not come by then is lost. Longer than resume.within of the client agents."`
	Heartbeat time.Duration `key:"heartbeat" default:"20s" max:"1d" doc:"How often a bot sends CLIENT_HEARTBEAT; 0 is never."`
	Resume    bool          `key:"resume" doc:"Whether bots that are in ask for a token, and come back when their connection is lost."`
	Stay      bool          `key:"objects_stay" doc:"Whether the objects of a bot stay in the world when the bot has gone, so that they are no ghosts."`

	Login     []Step     `key:"login" each:"step" doc:"What a bot does once, step by step, before it counts as logged in."`
	Play      []Step     `key:"play" each:"step" doc:"What it does again and again from then on, each step at its own pace."`
	Sequences []Sequence `key:"sequences" each:"sequence" doc:"Fields of which each update carries a number that is one more than the last one of the object, no matter who sends it: bots see by it what is lost, doubled, out of order or old."`

	*configfile.File
}

// Step is one of the things that a bot can do.
type Step struct {
	Update   *Update   `type:"update" doc:"Sends an update of a field."`
	Wait     *Wait     `type:"wait" doc:"Waits for something from the server. Only under login."`
	Interest *Interest `type:"interest" doc:"Opens an interest, or changes the one with the same id. Under login it waits until the interest is open."`
	Move     *Move     `type:"move" doc:"Moves the bot's own objects to another zone: in a grid to one beside, and with sight the interest with them."`
}

// Pace says how often a step of play is done.
type Pace struct {
	Every time.Duration `key:"every" max:"1d" orzero:"1ms" doc:"Under play: the time from one time to the next. The first one is a random part of it after the login."`
	Think time.Duration `key:"think" max:"1d" doc:"Under play: a random time up to this one is added each time."`
}

// Update sends a field.
type Update struct {
	Pace   `key:",inline"`
	Object wire.DoID `key:"object" unset:"none" doc:"The object, such as an UberDOG; left out, each object that the bot owns."`
	Class  string    `key:"class" doc:"The dclass of the object; left out, any class of the bot's own objects."`
	Field  string    `key:"field" doc:"The field; left out, one that the owner may send (ownsend, clsend), drawn each time."`
	Value  string    `key:"value" doc:"The value, as a DC file writes it: hello, 5, or (5, 6) for a method with two parameters. {{.Bot}} is the number of the bot from 0, {{.Run}} a word that is another one in each run, {{.Count}} how many updates the bot has sent, {{.Object}} the doId, {{index .Answer 0}} the first value of the update that the bot has last waited for. Left out, a random value of the field's type and range."`

	class  *dc.Class // nil: any
	field  *dc.Field // nil: any
	packed []byte    // if the value is always the same
	value  *template.Template
}

// Wait waits.
type Wait struct {
	For    waitFor       `key:"for,required" choices:"owner object field" doc:"owner: the bot owns an object; object: it sees one; field: an update of a field comes, such as an UberDOG's answer."`
	Class  string        `key:"class" doc:"The dclass of the object; left out, any. Required for a field."`
	Field  string        `key:"field" doc:"The field."`
	Within time.Duration `key:"within" default:"10s" min:"1ms" max:"1h" doc:"How long to wait before the login counts as failed."`

	class *dc.Class
	field *dc.Field
}

type waitFor uint8

const (
	waitOwner waitFor = iota
	waitObject
	waitField
	waitDone // an interest; not in scripts
)

// Place is some zones of a parent.
type Place struct {
	Parent wire.DoID        `key:"parent,required" doc:"The doId of the parent."`
	Zones  []wire.ZoneRange `key:"zones,required" each:"zone" doc:"The zones, or ranges of them: [1, 100-399]."`
}

// Interest opens an interest.
type Interest struct {
	Pace   `key:",inline"`
	ID     uint16 `key:"id" default:"1" min:"0" max:"65535" doc:"The number of the interest."`
	Place  `key:",inline"`
	Pick   int    `key:"pick" max:"65535" doc:"How many of the zones, drawn each time; 0 is all of them."`
	Around string `key:"around" doc:"With width: only the zones around the bot's own object of this dclass."`
	Grid   `key:",inline"`
	Within time.Duration `key:"within" default:"10s" min:"1ms" max:"1h" doc:"Under login: how long to wait for the interest before the login counts as failed."`

	around *dc.Class
}

// Grid says that zones lie in rows.
type Grid struct {
	Width int `key:"width" max:"65535" doc:"The zones are a grid, this many in a row; 0: they are none."`
	Sight int `key:"sight" max:"15" but:"only with width" doc:"How far one sees in the grid: 1 is 3 × 3 zones."`
}

// Move moves objects.
type Move struct {
	Pace  `key:",inline"`
	Class string `key:"class" doc:"The dclass of the objects; left out, all that the bot owns."`
	Place `key:",inline"`
	Grid  `key:",inline"`
	ID    uint16 `key:"id" default:"1" min:"0" max:"65535" doc:"With sight: the number of the interest that is changed with each move, to the zones around."`

	class *dc.Class
}

// Sequence is a field that carries a number.
type Sequence struct {
	Class  string `key:"class,required" doc:"The dclass."`
	Field  string `key:"field,required" doc:"The field."`
	Number string `key:"number" doc:"The parameter with the number, an unsigned integer; left out, the first one."`
	Time   string `key:"time" doc:"The parameter with the time of sending, for the latency: a uint64 of microseconds since 1970. Left out, there is no latency."`

	field *dc.Field
	n, at part
}

// part is where a number lies in a value.
type part struct{ offset, size int }

// maxZones bounds the zones of an interest: a message has no room for more.
const maxZones = 16_000

// LoadScript reads a script and looks its names up in the DC files. What is wrong in the script is a
// [*configfile.Error].
func LoadScript(path string, file *dc.File) (*Script, error) {
	var s Script
	f, err := configfile.Load(path, &s)
	return &s, s.resolve(f, err, file)
}

// ParseScript is [LoadScript] for a script in memory.
func ParseScript(name string, text []byte, file *dc.File) (*Script, error) {
	var s Script
	f, err := configfile.Parse(name, text, &s)
	return &s, s.resolve(f, err, file)
}

// resolver looks up the names of a script.
type resolver struct {
	*configfile.File
	dc     *dc.File
	faults []configfile.Fault
	waited *dc.Field // what the last step before waits for
}

// resolve looks up all names; err is what was wrong before.
func (s *Script) resolve(f *configfile.File, err error, file *dc.File) error {
	r := &resolver{File: f, dc: file}
	var before *configfile.Error
	if errors.As(err, &before) {
		r.faults = before.Faults
	}
	if err != nil && (f == nil || before == nil) {
		return err
	}
	for i := range s.Login {
		r.step(&s.Login[i], fmt.Sprintf("login[%d]", i), false)
	}
	for i := range s.Play {
		r.step(&s.Play[i], fmt.Sprintf("play[%d]", i), true)
	}
	for i := range s.Sequences {
		r.sequence(&s.Sequences[i], fmt.Sprintf("sequences[%d]", i))
	}
	if len(r.faults) > 0 {
		return configfile.InOrder(r.faults)
	}
	return nil
}

func (r *resolver) fail(path, problem, fix string) {
	r.faults = append(r.faults, r.Fault(path, problem, fix))
}

func (r *resolver) class(path, name string) *dc.Class {
	if name == "" {
		return nil
	}
	c, ok := r.dc.DClassByName(name)
	if !ok {
		fix := "known classes: " + names(r.dc.Classes())
		r.fail(path+".class", fmt.Sprintf("the DC files have no dclass %q", name), fix)
	}
	return c
}

func (r *resolver) field(path string, c *dc.Class, name string) *dc.Field {
	if name == "" || c == nil {
		return nil
	}
	f, ok := c.FieldByName(name)
	if !ok {
		r.fail(path+".field", fmt.Sprintf("dclass %s has no field %q", c.Name(), name), "it has "+cmdline.FieldNames(c))
	}
	return f
}

func names(classes []*dc.Class) string {
	var all []string
	for _, c := range classes[:min(len(classes), 20)] {
		all = append(all, c.Name())
	}
	return strings.Join(all, ", ")
}

func (r *resolver) step(s *Step, path string, play bool) {
	if *s == (Step{}) || !r.Sound(path) {
		return // told already
	}
	pace := s.pace()
	switch {
	case play && pace == nil:
		r.fail(path+".type", "a bot waits only while it logs in", "move the step to login")
	case play && pace.Every == 0:
		r.fail(path+".every", "is missing", "write how often the bot does it, such as every: 1s")
	case !play && pace != nil && (pace.Every > 0 || pace.Think > 0):
		r.fail(path+".every", "a step of the login is done once", "take the line out, or move the step to play")
	}
	switch {
	case s.Update != nil:
		r.update(s.Update, path)
	case s.Wait != nil:
		w := s.Wait
		w.class = r.class(path, w.Class)
		w.field = r.field(path, w.class, w.Field)
		switch {
		case w.For == waitField && (w.Class == "" || w.Field == ""):
			r.fail(path+".for", "which field?", "give class and field")
		case w.field != nil && w.field.IsMolecular():
			r.fail(path+".field", w.Field+" is a molecular field", "wait for one of its parts")
		case w.For == waitField:
			r.waited = w.field
		}
	case s.Interest != nil:
		s.Interest.around = r.class(path, s.Interest.Around)
		r.zones(path, s.Interest)
		r.grid(path, s.Interest.Grid, s.Interest.Zones)
		if (s.Interest.Around == "") != (s.Interest.Width == 0) {
			r.fail(path+".width", "around and width belong together", "give both, or none")
		}
	case s.Move != nil:
		s.Move.class = r.class(path, s.Move.Class)
		r.grid(path, s.Move.Grid, s.Move.Zones)
	}
}

func (r *resolver) grid(path string, g Grid, zones []wire.ZoneRange) {
	if g.Width == 0 && g.Sight > 0 || g.Width > 0 && len(zones) > 1 {
		r.fail(path+".width", "a grid needs its width, and one range of zones", "write zones: [1-100] and width: 10, for 10 rows of 10")
	}
}

func (r *resolver) zones(path string, i *Interest) {
	n := count(i.Zones)
	if i.Pick > 0 {
		n = min(n, uint64(i.Pick))
	}
	if n > maxZones && i.Width == 0 {
		r.fail(path+".zones", fmt.Sprintf("%d zones are too many for a message", n), fmt.Sprintf("write at most %d, or pick some of them", maxZones))
	}
}

func (r *resolver) update(u *Update, path string) {
	u.class = r.class(path, u.Class)
	u.field = r.field(path, u.class, u.Field)
	switch {
	case u.Object != 0 && (u.Class == "" || u.Field == ""):
		r.fail(path+".object", "which field of it?", "give class and field")
	case u.Field != "" && u.Class == "":
		r.fail(path+".field", "is a field of which class?", "give class")
	case u.Value != "" && u.Field == "":
		r.fail(path+".value", "is a value of which field?", "give class and field")
	}
	if u.field == nil {
		return
	}
	if !u.field.HasAny(dc.Clsend | dc.Ownsend) {
		r.fail(path+".field", u.field.Name()+" has neither clsend nor ownsend: the client agent disconnects a client that sends it", "name a field that clients may send")
	}
	if u.Value == "" {
		if _, err := u.field.AppendRandom(nil, rand.New(rand.NewPCG(1, 1))); err != nil {
			r.fail(path+".field", err.Error(), "give a value")
		}
		return
	}
	t, err := template.New("value").Option("missingkey=error").Parse(u.Value)
	if err == nil {
		u.value = t
		u.packed, err = r.try(u)
	}
	if err != nil {
		r.fail(path+".value", err.Error(), "write a value as a DC file does, such as (1, \"text\")")
	}
	if strings.Contains(u.Value, "{{") {
		u.packed = nil
	} else {
		u.value = nil
	}
}

// try fills in a template for once, to see whether it is right. A value that depends on an
// answer is not known yet.
func (r *resolver) try(u *Update) ([]byte, error) {
	with := filling{Run: "run"}
	if r.waited != nil {
		v, err := r.waited.Unpack(r.waited.DefaultPacked())
		if err != nil {
			return nil, err
		}
		with.Answer = texts(r.waited, v)
	}
	text, err := u.text(with)
	if err != nil || strings.Contains(u.Value, ".Answer") {
		return nil, err
	}
	return cmdline.FieldValue(u.field, []string{text})
}

// filling is what the template of a value can name.
type filling struct {
	Bot, Count int
	Run        string
	Object     wire.DoID
	Answer     []string // the values of the update that was waited for
}

// texts is the values of a field as a DC file writes them.
func texts(f *dc.Field, v dc.Value) (all []string) {
	style := dc.TextStyle{Notation: dc.Scaled}
	if !f.IsMethod() {
		return []string{f.Type().Text(v, style)}
	}
	for i, p := range f.Type().Params() {
		all = append(all, p.Type().Text(v.(dc.Record)[i].Value, style))
	}
	return all
}

// text fills in the template of a value.
func (u *Update) text(with filling) (string, error) {
	var b strings.Builder
	err := u.value.Execute(&b, with)
	return b.String(), err
}

// fill packs the value of a template.
func (u *Update) fill(with filling) ([]byte, error) {
	text, err := u.text(with)
	if err != nil {
		return nil, err
	}
	return cmdline.FieldValue(u.field, []string{text})
}

func (r *resolver) sequence(s *Sequence, path string) {
	s.field = r.field(path, r.class(path, s.Class), s.Field)
	if s.field == nil {
		return
	}
	s.n = r.part(s.field, path+".number", s.Number, dc.Uint8, dc.Uint16, dc.Uint32, dc.Uint64)
	if s.Time != "" {
		s.at = r.part(s.field, path+".time", s.Time, dc.Uint64)
	}
}

// part finds a parameter of a field; all before it must have a size that does not vary.
func (r *resolver) part(f *dc.Field, path, name string, kinds ...dc.Kind) part {
	params := []*dc.Param{&f.Param}
	if f.IsMethod() {
		params = f.Type().Params()
	}
	offset := 0
	for _, p := range params {
		t := p.Type()
		if name == "" || p.Name() == name {
			for _, k := range kinds {
				if t.Kind() == k && t.Divisor() == 1 {
					return part{offset, t.Size()}
				}
			}
			r.fail(path, fmt.Sprintf("%s is not of the right type", p.Name()), fmt.Sprintf("name a parameter of the type %v", kinds))
			return part{}
		}
		if t.Size() < 0 {
			break
		}
		offset += t.Size()
	}
	r.fail(path, fmt.Sprintf("%s has no parameter %q, or texts or lists before it", f.Name(), name), "name a parameter, with only numbers before it")
	return part{}
}

// read is the number in a value that the field allows.
func (p part) read(value []byte) (n uint64) {
	for i := p.size - 1; i >= 0; i-- {
		n = n<<8 | uint64(value[p.offset+i])
	}
	return n
}

func (s *Step) pace() *Pace {
	switch {
	case s.Update != nil:
		return &s.Update.Pace
	case s.Interest != nil:
		return &s.Interest.Pace
	case s.Move != nil:
		return &s.Move.Pace
	}
	return nil
}

func count(zones []wire.ZoneRange) (n uint64) {
	for _, z := range zones {
		n += uint64(z.Max-z.Min) + 1
	}
	return n
}

// zone is the nth of all.
func zone(zones []wire.ZoneRange, n uint64) wire.Zone {
	for _, z := range zones {
		size := uint64(z.Max-z.Min) + 1
		if n < size {
			return z.Min + wire.Zone(n)
		}
		n -= size
	}
	return 0
}
